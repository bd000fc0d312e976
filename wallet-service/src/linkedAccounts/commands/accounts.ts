import { readAmount } from '@countinghouse/shared/http/fields'
import type { Tx } from '@countinghouse/shared/mongo/transaction'
import { refuse as refuseCommon } from '@countinghouse/shared/refusal'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { refuse } from '../../errors.js'
import { changeAccount, type AccountChanges, type LinkedAccount } from '../domain/account.js'
import { readDetails, readSomeDetails } from '../fields.js'
import { findAccount, linkedAccounts, nextVersionOf } from '../store/accounts.js'
import { forgetAccount } from '../store/links.js'

export type AskedAccount = {
  type: string
  provider: string
  accountName: string
  balance: number | string
  currency: string
  details: Readonly<Record<string, unknown>>
}

/** Whose account it is, and which. */
export type Place = { userId: string; accountId: string }

export const addAccount = async (
  tx: Tx,
  { userId, asked, id = uuidv7(), now }: { userId: string; asked: AskedAccount; id?: string; now: Date },
): Promise<LinkedAccount> => {
  const { type, provider, accountName, balance, currency, details } = asked
  const account: LinkedAccount = {
    _id: id,
    userId,
    type,
    provider,
    accountName,
    balanceMinor: readAmount(balance, currency, ['body', 'balance']),
    currency,
    details: readDetails(details, { type, currency }),
    linkId: null,
    externalId: null,
    isRenamed: false,
    position: await nextVersionOf(tx, userId),
    lastUpdated: now,
    version: 1,
  }
  await tx.insert(linkedAccounts, account)
  return account
}

export type AskedChange = {
  provider?: string | undefined
  accountName?: string | undefined
  balance?: number | string | undefined
  details?: Readonly<Record<string, unknown>> | undefined
}

export const editAccount = async (
  tx: Tx,
  place: Place,
  { asked, ifMatch, now }: { asked: AskedChange; ifMatch: number | undefined; now: Date },
): Promise<LinkedAccount> => {
  await nextVersionOf(tx, place.userId)
  const account = await getAccount(tx, place)
  if (ifMatch !== undefined && ifMatch !== account.version) throw refuseCommon('version_conflict')
  const edited = changeAccount(account, toChanges(asked, account), now)
  await tx.replace(linkedAccounts, edited)
  return edited
}

const toChanges = ({ provider, accountName, balance, details }: AskedChange, of: LinkedAccount): AccountChanges => ({
  ...(provider !== undefined && { provider }),
  ...(accountName !== undefined && { accountName }),
  ...(balance !== undefined && { balanceMinor: readAmount(balance, of.currency, ['body', 'balance']) }),
  ...(details !== undefined && { details: readSomeDetails(details, of) }),
})

/** Ends an account and what was known of its movements; a link it came through leaves it out from now on. */
export const removeAccount = async (tx: Tx, place: Place): Promise<void> => {
  await nextVersionOf(tx, place.userId)
  const account = await getAccount(tx, place)
  await tx.remove(linkedAccounts, { _id: account._id })
  await forgetAccount(tx, account)
}

export const getAccount = async (reads: Parameters<typeof findAccount>[0], { userId, accountId }: Place) => {
  const account = await findAccount(reads, userId, accountId)
  if (!account) throw refuse('account_not_found', { account_id: accountId })
  return account
}
