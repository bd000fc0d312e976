import { native, type Reads, type Tx } from '@countinghouse/shared/mongo/transaction'
import type { Loan } from '../loans/domain/loan.js'
import { loans } from '../loans/store/collection.js'

/** Running loans for which the night's work is not done. */
const waitingFor = (day: string) => ({ status: 'ACTIVE' as const, 'night.on': { $not: { $gte: day } } })

export const countWaiting = (reads: Reads, day: string): Promise<number> => reads.count(loans, waitingFor(day))

/** The ids of the next of them, read from the index alone. */
export const findWaiting = async (
  reads: Reads,
  { day, after, limit }: { day: string; after: string; limit: number },
): Promise<string[]> => {
  const match = { ...waitingFor(day), _id: { $gt: after } }
  const pipeline = [{ $match: match }, { $sort: { _id: 1 } }, { $limit: limit }, { $project: { _id: 1 } }]
  return (await reads.aggregate<{ _id: string }>(loans, pipeline)).map(({ _id }) => _id)
}

export const getWaiting = (reads: Reads, ids: readonly string[], day: string): Promise<Loan[]> =>
  reads.find(loans, { ...waitingFor(day), _id: { $in: [...ids] } })

/** Saves what a night changed, each loan over the version that it was read in. */
export const saveAged = async (tx: Tx, aged: readonly Loan[]): Promise<void> => {
  if (aged.length === 0) return
  const writes = aged.map(({ _id, booked, summary, night, version }) => ({
    updateOne: {
      filter: { _id, version: version - 1 },
      update: { $set: { booked, summary, night, version } },
    },
  }))
  const { matchedCount } = await native(tx.db, loans).bulkWrite(writes, { session: tx.session })
  if (matchedCount !== aged.length) throw new Error('A loan was changed within the transaction that read it')
}
