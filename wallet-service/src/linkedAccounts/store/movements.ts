import { Feed } from '@countinghouse/shared/http/page'
import { defineCollection } from '@countinghouse/shared/mongo/collection'
import { native, type Reads, type Tx } from '@countinghouse/shared/mongo/transaction'
import { movementId, type AccountMovement } from '../domain/movements.js'

export const accountMovements = defineCollection<AccountMovement>(
  'accountMovements',
  {
    userId: { type: String, required: true },
    accountId: { type: String, required: true },
    linkId: { type: String, required: true },
    externalId: { type: String, required: true },
    amountMinor: { type: BigInt, required: true },
    currency: { type: String, required: true },
    description: { type: String, required: true },
    day: { type: String, required: true },
    isPending: { type: Boolean, required: true },
    category: { type: String, required: true },
    edits: { type: Object, required: true },
    removedAt: Date,
    updatedAt: { type: Date, required: true },
  },
  { indexes: [{ fields: { accountId: 1, day: -1, _id: -1 } }, { fields: { linkId: 1 } }] },
)

/** What is stored of these movements of a link, by the institution's names. */
export const findMovements = async (
  reads: Reads,
  linkId: string,
  externalIds: readonly string[],
): Promise<ReadonlyMap<string, AccountMovement>> => {
  const found = await reads.find(accountMovements, { _id: { $in: externalIds.map((id) => movementId(linkId, id)) } })
  return new Map(found.map((movement) => [movement.externalId, movement]))
}

export const saveMovements = async ({ db, session }: Tx, movements: readonly AccountMovement[]): Promise<void> => {
  if (movements.length === 0) return
  const operations = movements.map(({ _id, ...fields }) => ({
    updateOne: { filter: { _id }, update: { $set: fields }, upsert: true },
  }))
  await native(db, accountMovements).bulkWrite(operations, { session, ordered: false })
}

/** A cursor names the day and the id of the last movement that was shown. */
export const listMovements = async (
  reads: Reads,
  { accountId, cursor, page_size }: { accountId: string; cursor?: string | undefined; page_size: number },
): Promise<Feed<AccountMovement>> => {
  const [day = '', ...id] = (cursor ?? '').split(' ')
  const after = cursor === undefined ? {} : { $or: [{ day: { $lt: day } }, { day, _id: { $lt: id.join(' ') } }] }
  const found = await reads.find(
    accountMovements,
    { accountId, removedAt: null, ...after },
    { sort: { day: -1, _id: -1 }, limit: page_size + 1 },
  )
  return Feed.of(found, page_size, ({ day: on, _id }) => `${on} ${_id}`)
}
