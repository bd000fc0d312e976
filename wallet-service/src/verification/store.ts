import { gauge } from '@countinghouse/shared/metrics'
import { defineCollection } from '@countinghouse/shared/mongo/collection'
import { inTransaction, type Reads } from '@countinghouse/shared/mongo/transaction'
import { Schema, type Connection } from 'mongoose'
import type { Posting } from '../ledger/domain.js'
import { entries } from '../ledger/store.js'

/** The outcome of one verification; the head is what an auditor compares with the one written down elsewhere. */
export type Verification = {
  _id: string
  ok: boolean
  /** The block after which it began. */
  since: number
  problemCount: number
  blocks: number
  entries: number
  head: string
  imbalances: { currency: string; amountMinor: bigint }[]
  startedAt: Date
  finishedAt: Date
}

const imbalance = new Schema(
  { currency: { type: String, required: true }, amountMinor: { type: BigInt, required: true } },
  { _id: false },
)

export const verifications = defineCollection<Verification>('verifications', {
  ok: { type: Boolean, required: true },
  since: { type: Number, required: true },
  problemCount: { type: Number, required: true },
  blocks: { type: Number, required: true },
  entries: { type: Number, required: true },
  head: { type: String, required: true },
  imbalances: { type: [imbalance], required: true },
  startedAt: { type: Date, required: true },
  finishedAt: { type: Date, required: true },
})

export const saveVerification = (db: Connection, verification: Verification): Promise<void> =>
  inTransaction(db, (tx) => tx.insert(verifications, verification))

export const findLastVerification = async (reads: Reads): Promise<Verification | undefined> =>
  (await reads.find(verifications, {}, { sort: { _id: -1 }, limit: 1 }))[0]

/** The last verification that found everything in order: what it saw as the head of the chain must still be there. */
export const findLastGood = async (reads: Reads): Promise<Verification | undefined> =>
  (await reads.find(verifications, { ok: true, blocks: { $gt: 0 } }, { sort: { _id: -1 }, limit: 1 }))[0]

const out = gauge('ledger_imbalance_minor_units', 'Debits less credits over the whole journal, per currency', [
  'currency',
])
const age = gauge('ledger_verification_age_seconds', 'Seconds since the books were last verified')
const problems = gauge('ledger_verification_problems', 'Problems that the last verification found')

/** Shows the last verification as metrics. */
export const publish = ({ imbalances, problemCount, finishedAt }: Verification, now: Date): void => {
  for (const { currency, amountMinor: amount } of imbalances) out.set({ currency }, Number(amount))
  age.set((now.getTime() - finishedAt.getTime()) / 1000)
  problems.set(problemCount)
}

/** The last posting on an account up to a height. */
export const lastPosting = async (reads: Reads, accountId: string, height: number): Promise<Posting | undefined> => {
  const filter = { 'postings.accountId': accountId, height: { $lte: height } }
  const [entry] = await reads.find(entries, filter, { sort: { height: -1, index: -1 }, limit: 1 })
  return entry?.postings.findLast((posting) => posting.accountId === accountId)
}
