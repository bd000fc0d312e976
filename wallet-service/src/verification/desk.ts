import type { Reads } from '@countinghouse/shared/mongo/transaction'
import { findLastVerification } from './store.js'

/** The last verification of the books, for the operator's desk. */
export const shownVerification = async (reads: Reads) => {
  const last = await findLastVerification(reads)
  if (!last) return null
  const { ok, problemCount, blocks, entries, head, finishedAt } = last
  return { ok, problem_count: problemCount, blocks, entries, head, finished_at: finishedAt.toISOString() }
}
