import { where } from '@countinghouse/shared/mongo/partial'
import { defineCollection } from '@countinghouse/shared/mongo/collection'
import { native, type Reads, type Tx } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import type { LinkedAccount } from '../domain/account.js'

/** A user as the owner of accounts; the version grows with every write of any of them, in the same transaction. */
type AccountOwner = { _id: string; version: number }

export const accountOwners = defineCollection<AccountOwner>('accountOwners', {
  version: { type: Number, required: true },
})

export const linkedAccounts = defineCollection<LinkedAccount>(
  'linkedAccounts',
  {
    userId: { type: String, required: true },
    type: { type: String, required: true },
    provider: { type: String, required: true },
    accountName: { type: String, required: true },
    balanceMinor: { type: BigInt, required: true },
    currency: { type: String, required: true },
    details: { type: Object, required: true },
    linkId: String,
    externalId: String,
    isRenamed: { type: Boolean, required: true },
    position: { type: Number, required: true },
    lastUpdated: { type: Date, required: true },
    version: { type: Number, required: true },
  },
  {
    indexes: [
      { fields: { userId: 1, type: 1, position: 1 } },
      { fields: { userId: 1, position: 1 } },
      {
        fields: { linkId: 1, externalId: 1 },
        options: { unique: true, ...where('linkId', 'string') },
      },
    ],
  },
)

/** Says that the accounts of a user are about to change, and answers the version that they get. Every write begins with it. */
export const nextVersionOf = async ({ db, session }: Tx, userId: string): Promise<number> => {
  const options = { session, upsert: true, returnDocument: 'after' } as const
  const owner = await native(db, accountOwners).findOneAndUpdate({ _id: userId }, { $inc: { version: 1 } }, options)
  if (!owner) throw new Error('An upsert found nothing')
  return owner.version
}

/** The versions of the accounts of these users; those who never had one have none. */
export const findVersions = async (
  db: Connection,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, number>> => {
  const owners = await native(db, accountOwners)
    .find({ _id: { $in: [...userIds] } })
    .toArray()
  return new Map(owners.map(({ _id, version }) => [_id, version]))
}

/** The accounts of these users, each user's in the order in which they came. */
export const findAccountsOf = async (
  reads: Reads,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, readonly LinkedAccount[]>> => {
  const found = await reads.find(linkedAccounts, { userId: { $in: [...userIds] } }, { sort: { position: 1, _id: 1 } })
  const byUser = new Map<string, LinkedAccount[]>()
  for (const account of found) byUser.set(account.userId, [...(byUser.get(account.userId) ?? []), account])
  return byUser
}

export const findAccount = (reads: Reads, userId: string, accountId: string): Promise<LinkedAccount | undefined> =>
  reads.findOne(linkedAccounts, { _id: accountId, userId })
