import { isText } from '@countinghouse/shared/mongo/partial'
import { inTransaction } from '@countinghouse/shared/mongo/transaction'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { followInstitution, type LinkedAccount, type ReportedAccount } from '../domain/account.js'
import { findKind } from '../domain/kinds.js'
import type { AccountLink } from '../domain/link.js'
import { linkedAccounts, nextVersionOf } from '../store/accounts.js'
import type { Syncing } from './syncLink.js'

/** Every account that the institution reports, with our id of those that we follow. */
export type AccountIds = ReadonlyMap<string, string | undefined>

/** The accounts as the institution reports them; those that their user took out stay out, and so do kinds that we do not know. */
export const saveAccounts = async (
  { deps, job, done }: Syncing,
  { _id: linkId, userId, institution, leftOut }: AccountLink,
  reported: readonly ReportedAccount[],
): Promise<AccountIds> =>
  inTransaction(deps.db, async (tx) => {
    await job.progress(tx, { done })
    const known = new Map(
      (await tx.find(linkedAccounts, { linkId: isText(linkId) })).map((account) => [account.externalId, account]),
    )
    const followed = reported.filter(({ externalId, type }) => findKind(type) && !leftOut.includes(externalId))
    const now = deps.now()
    const changed = followed.flatMap((account) => {
      const before = known.get(account.externalId)
      if (before) return followInstitution(before, account, now) ?? []
      return [newAccount(account, { userId, linkId, provider: institution, now })]
    })
    if (changed.length > 0) {
      const position = await nextVersionOf(tx, userId)
      for (const account of changed)
        await tx.replace(linkedAccounts, { ...account, position: account.position || position })
    }
    const ids = new Map([...known.values(), ...changed].map(({ externalId, _id }) => [externalId, _id]))
    return new Map(reported.map(({ externalId }) => [externalId, ids.get(externalId)]))
  })

type Origin = Pick<LinkedAccount, 'userId' | 'provider'> & { linkId: string; now: Date }

const newAccount = (account: ReportedAccount, { now, ...origin }: Origin): LinkedAccount => ({
  _id: uuidv7(now.getTime()),
  ...origin,
  ...account,
  isRenamed: false,
  position: 0,
  lastUpdated: now,
  version: 1,
})
