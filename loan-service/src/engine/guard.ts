import { formatAmount } from '@countinghouse/shared/money'
import { refuse } from '../errors.js'
import type { Happening } from './events.js'
import type { LoanState } from './state.js'
import { sumOf } from './running.js'

/** Refuses sums that a loan can not take: more than is owed, was written off, or stands to the borrower's credit. */
export const assertTakes = (state: LoanState, happening: Happening, currency: string): void => {
  if (!('amountMinor' in happening)) return
  const amount = formatAmount(happening.amountMinor, currency)
  const limit = limitOf(state, happening)
  if (limit === undefined || happening.amountMinor <= limit) return
  const most = formatAmount(limit, currency)
  switch (happening.kind) {
    case 'repaid':
      throw refuse('repayment_above_outstanding', { outstanding: most, amount })
    case 'waived':
      throw refuse('waiver_above_owed', { owed: most, part: happening.part, amount })
    case 'recovered':
      throw refuse('recovery_above_written_off', { left: most })
    case 'credit_refunded':
      throw refuse('refund_above_credit', { credit: most, amount })
    case 'disbursed':
    case 'charged':
  }
}

const limitOf = (state: LoanState, happening: Happening): bigint | undefined => {
  switch (happening.kind) {
    case 'repaid':
      return state.outstandingMinor
    case 'waived':
      return state.owed[happening.part]
    case 'recovered':
      return state.writtenOff ? sumOf(state.writtenOff) - state.recoveredMinor : 0n
    case 'credit_refunded':
      return state.creditBalanceMinor
    default:
      return undefined
  }
}
