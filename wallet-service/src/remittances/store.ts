import { isDueBy, where } from '@countinghouse/shared/mongo/partial'
import { defineCollection } from '@countinghouse/shared/mongo/collection'
import { insertion, type CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { native, readsOn, type ReadOptions, type Reads } from '@countinghouse/shared/mongo/transaction'
import type { Connection, mongo } from 'mongoose'
import { refuse } from '../errors.js'
import type { SentOutBook } from '../payments/sentOut.js'
import { REMITTANCE_STATUSES, gapAfter, toSentOut, type Remittance } from './domain.js'

export const remittances = defineCollection<Remittance>(
  'remittances',
  {
    userId: { type: String, required: true },
    walletId: { type: String, required: true },
    recipient: { type: Object, required: true },
    amountMinor: { type: BigInt, required: true },
    currency: { type: String, required: true },
    description: String,
    status: { type: String, enum: REMITTANCE_STATUSES, required: true },
    history: { type: [Object], required: true },
    payoutId: String,
    day: { type: String, required: true },
    dueAt: Date,
    attempts: { type: Number, required: true },
    version: { type: Number, required: true },
    createdAt: { type: Date, required: true },
  },
  {
    indexes: [
      { fields: { userId: 1, _id: -1 } },
      { fields: { status: 1, _id: -1 } },
      { fields: { dueAt: 1 }, options: where('dueAt', 'date') },
    ],
  },
)

/** What a user has sent on a day, for the limit. */
type SentOnDay = { _id: string; sentMinor: bigint }

export const remittanceDays = defineCollection<SentOnDay>(
  'remittanceDays',
  { sentMinor: { type: BigInt, required: true } },
  { invariants: [{ $gte: ['$sentMinor', { $toLong: 0 }] }] },
)

export const findRemittance = (reads: Reads, id: string): Promise<Remittance | undefined> =>
  reads.findOne(remittances, { _id: id })

type Filter = { userId?: string | undefined; status?: Remittance['status'] | undefined }
const toFilter = ({ userId, status }: Filter): mongo.Filter<Remittance> => ({
  ...(userId !== undefined && { userId }),
  ...(status && { status }),
})

export const listRemittances = (reads: Reads, filter: Filter, range: ReadOptions): Promise<Remittance[]> =>
  reads.find(remittances, toFilter(filter), { ...range, sort: { _id: -1 } })

export const countRemittances = (reads: Reads, filter: Filter): Promise<number> =>
  reads.count(remittances, toFilter(filter))

/** Somebody else has taken a step with this remittance since it was read. */
export class RemittanceChanged extends Error {}

export const remittanceInsertion = (remittance: Remittance): CompanionWrite =>
  insertion(remittances, remittance, () => new RemittanceChanged())

/** Writes a step over the version that it was decided on. */
export const remittanceUpdate = (
  { _id, version }: Remittance,
  { _id: _same, ...after }: Remittance,
): CompanionWrite => ({
  kind: 'update',
  into: remittances,
  filter: { _id, version },
  update: { $set: after },
  otherwise: () => new RemittanceChanged(),
})

type OnDay = Pick<Remittance, 'userId' | 'day' | 'currency' | 'amountMinor'>
const dayId = ({ userId, day, currency }: OnDay): string => `${userId} ${day} ${currency}`

/** Makes sure that there is a day to count on; it counts nothing. */
export const beginDay = async (db: Connection, sent: OnDay): Promise<void> => {
  const first = { $setOnInsert: { sentMinor: 0n } }
  await native(db, remittanceDays).updateOne({ _id: dayId(sent) }, first, { upsert: true })
}

/** Counts an amount on its day, unless that would be more than a day's limit. */
export const countOnDay = (sent: OnDay, limit: { minor: bigint; wire: number }): CompanionWrite => ({
  kind: 'update',
  into: remittanceDays,
  filter: { _id: dayId(sent), sentMinor: { $lte: limit.minor - sent.amountMinor } },
  update: { $inc: { sentMinor: sent.amountMinor } },
  otherwise: () => refuse('remittance_limit', { limit: limit.wire }),
})

/** What came back no longer counts on the day on which it was sent. */
export const uncountOnDay = (sent: OnDay): CompanionWrite => ({
  kind: 'update',
  into: remittanceDays,
  filter: { _id: dayId(sent) },
  update: { $inc: { sentMinor: -sent.amountMinor } },
  otherwise: () => new RemittanceChanged(),
})

/** Remittances to bank accounts, as the comparison with the provider asks for them. */
export const createSentOutBook = (db: Connection): SentOutBook => {
  const find = async (filter: mongo.Filter<Remittance>) =>
    (await readsOn(db).find(remittances, { ...filter, 'recipient.kind': 'bank' })).map(toSentOut)
  return {
    onTheirWay: () => find({ status: { $in: ['pending', 'processing'] } }),
    find: (ids) => find({ _id: { $in: [...ids] } }),
  }
}

/** The remittance that waits longest for the provider to take it. */
export const findUntaken = async (reads: Reads): Promise<Remittance | undefined> => {
  const filter = { payoutId: null, dueAt: { $type: 'date' as const } }
  return (await reads.find(remittances, filter, { sort: { _id: 1 }, limit: 1 }))[0]
}

/** Takes the next one that is due, and puts its next turn off: nobody else has it meanwhile, and after a crash it comes up again. */
export const claimDue = async (db: Connection, now: Date): Promise<Remittance | undefined> => {
  const due = await native(db, remittances).findOne({ dueAt: isDueBy(now) }, { sort: { dueAt: 1 } })
  if (!due) return undefined
  const { _id, version, attempts } = due
  const dueAt = new Date(now.getTime() + gapAfter(attempts))
  const claim = { $set: { dueAt }, $inc: { attempts: 1, version: 1 } }
  const claimed = await native(db, remittances).findOneAndUpdate({ _id, version }, claim, { returnDocument: 'after' })
  return claimed ?? claimDue(db, now)
}
