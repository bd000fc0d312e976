import { refuse } from '../../errors.js'

/** A detail as it is kept: money in minor units. */
export type Detail = bigint | number | boolean | string
export type Details = Readonly<Record<string, Detail>>

/** An account that a user has somewhere else: entered by hand, or followed through a link to its institution. */
export type LinkedAccount = {
  _id: string
  userId: string
  type: string
  provider: string
  accountName: string
  balanceMinor: bigint
  currency: string
  details: Details
  /** The link it comes through, and what the institution calls it; null when it was entered by hand. */
  linkId: string | null
  externalId: string | null
  /** Named by its user, so that the institution's name for it no longer counts. */
  isRenamed: boolean
  /** Where it stands among the accounts of its user. */
  position: number
  lastUpdated: Date
  version: number
}

export type AccountChanges = Partial<Pick<LinkedAccount, 'provider' | 'accountName' | 'balanceMinor' | 'details'>>

/** The account with what its user changed; of one that follows its institution only the name is the user's. */
export const changeAccount = (account: LinkedAccount, changes: AccountChanges, now: Date): LinkedAccount => {
  const { accountName, ...rest } = changes
  if (account.linkId !== null && Object.keys(rest).length > 0)
    throw refuse('account_follows', { account_id: account._id })
  return {
    ...account,
    ...changes,
    details: { ...account.details, ...changes.details },
    isRenamed: account.isRenamed || accountName !== undefined,
    lastUpdated: now,
    version: account.version + 1,
  }
}

/** What an institution says about an account. */
export type ReportedAccount = Pick<LinkedAccount, 'type' | 'accountName' | 'balanceMinor' | 'currency' | 'details'> & {
  externalId: string
}

/** The account as its institution reports it now; undefined when nothing is new. */
export const followInstitution = (
  account: LinkedAccount,
  { accountName, balanceMinor, details }: ReportedAccount,
  now: Date,
): LinkedAccount | undefined => {
  const next = { ...account, balanceMinor, details, ...(!account.isRenamed && { accountName }) }
  const isSame =
    next.accountName === account.accountName &&
    balanceMinor === account.balanceMinor &&
    Object.keys({ ...details, ...account.details }).every((name) => details[name] === account.details[name])
  return isSame ? undefined : { ...next, lastUpdated: now, version: account.version + 1 }
}
