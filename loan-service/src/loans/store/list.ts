import type { LoanDecision, LoanStatus } from '@countinghouse/shared/contracts/loan'
import { Page, rangeOf } from '@countinghouse/shared/http/page'
import type { Reads } from '@countinghouse/shared/mongo/transaction'
import type { mongo } from 'mongoose'
import type { Loan } from '../domain/loan.js'
import { loans } from './collection.js'

/** What a list of loans is narrowed to; amounts are inclusive, `before` is not. */
export type LoanFilter = {
  customerId?: string | undefined
  status?: LoanStatus | undefined
  decision?: LoanDecision | undefined
  minAmountMinor?: bigint | undefined
  maxAmountMinor?: bigint | undefined
  created?: { from?: Date; before?: Date }
}

/** Newest first. */
export const listLoans = async (
  reads: Reads,
  filter: LoanFilter,
  at: { page: number; page_size: number },
): Promise<Page<Loan>> => {
  const query = toQuery(filter)
  const found = await reads.find(loans, query, { sort: { createdAt: -1, _id: -1 }, ...rangeOf(at) })
  return new Page(found, await reads.count(loans, query), at)
}

const toQuery = (filter: LoanFilter): mongo.Filter<Loan> =>
  withoutGaps({
    customerId: filter.customerId,
    status: filter.status,
    decision: filter.decision,
    amountMinor: withoutGaps({ $gte: filter.minAmountMinor, $lte: filter.maxAmountMinor }),
    createdAt: withoutGaps({ $gte: filter.created?.from, $lt: filter.created?.before }),
  }) ?? {}

const withoutGaps = (conditions: Record<string, unknown>): Record<string, unknown> | undefined => {
  const given = Object.entries(conditions).filter(([, value]) => value !== undefined)
  return given.length > 0 ? Object.fromEntries(given) : undefined
}
