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
  overdue?: { is: boolean; today: string } | undefined
}

/** By what a list can be ordered, in the words of the wire. */
export const ORDERINGS = { created_at: 'createdAt', amount: 'amountMinor', risk_score: 'riskScore' } as const

export type Ordering = { by: keyof typeof ORDERINGS; direction: 1 | -1 }[]

/** Newest first, unless another order is asked for. */
export const listLoans = async (
  reads: Reads,
  filter: LoanFilter,
  at: { page: number; page_size: number; ordering?: Ordering | undefined },
): Promise<Page<Loan>> => {
  const query = toQuery(filter)
  const found = await reads.find(loans, query, { sort: toSort(at.ordering), ...rangeOf(at) })
  return Page.of(found, at, () => reads.count(loans, Object.keys(query).length > 0 ? query : ANY))
}

// Every loan, said so that an index is counted and no document is read.
const ANY = { _id: { $gt: '' } }

// The id makes the order total, so that no loan is on two pages.
const toSort = (ordering: Ordering = [{ by: 'created_at', direction: -1 }]): Record<string, 1 | -1> => ({
  ...Object.fromEntries(ordering.map(({ by, direction }) => [ORDERINGS[by], direction])),
  _id: ordering[0]?.direction ?? -1,
})

const toQuery = (filter: LoanFilter): mongo.Filter<Loan> => {
  const { customerId, status, decision, minAmountMinor, maxAmountMinor, created, overdue } = filter
  const fields =
    withoutGaps({
      customerId,
      status,
      decision,
      amountMinor: withoutGaps({ $gte: minAmountMinor, $lte: maxAmountMinor }),
      createdAt: withoutGaps({ $gte: created?.from, $lt: created?.before }),
    }) ?? {}
  return overdue ? { $and: [fields, overdueQuery(overdue)] } : fields
}

const overdueQuery = ({ is, today }: { is: boolean; today: string }): mongo.Filter<Loan> => {
  const overdue = { status: 'ACTIVE', 'summary.oldestUnpaidDueOn': { $lt: today } } as const
  return is ? overdue : { $nor: [overdue] }
}

const withoutGaps = (conditions: Record<string, unknown>): Record<string, unknown> | undefined => {
  const given = Object.entries(conditions).filter(([, value]) => value !== undefined)
  return given.length > 0 ? Object.fromEntries(given) : undefined
}
