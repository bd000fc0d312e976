import { LOAN_STATUSES } from '@countinghouse/shared/contracts/loan'
import { Day, Id, Timestamp, WireAmount } from '@countinghouse/shared/http/fields'
import { toWireAmount } from '@countinghouse/shared/money'
import { z } from 'zod'
import type { Allocation, LoanState } from '../engine/state.js'
import type { Loan } from '../loans/domain/loan.js'
import type { Movement, Plan } from '../movements/domain.js'

const AllocationView = z.object({
  penalties: WireAmount,
  fees: WireAmount,
  interest: WireAmount,
  principal: WireAmount,
  credit: WireAmount.meta({ description: 'What nothing was owed for; it goes back to the wallet' }),
})

const ReversalView = z.object({
  id: Id,
  status: z.enum(['PENDING', 'COMPLETED']),
  reason: z.string().nullable(),
  requested_at: Timestamp,
})

/** What a dry run tells beside the repayment that would be. */
const OutlookView = z.object({
  interest_saved: WireAmount.meta({ description: 'How much less interest would follow' }),
  instalment: WireAmount,
  instalments_left: z.number(),
  last_due_on: Day.nullable(),
})

export const RepaymentView = z.object({
  id: Id.nullable(),
  loan_id: Id,
  amount: WireAmount,
  currency: z.string(),
  excess: z.enum(['next_instalment', 'reduce_term', 'reduce_instalment']),
  paid_on: Day,
  allocation: AllocationView.nullable().meta({ description: 'Null until the money has moved' }),
  outstanding: WireAmount.meta({ description: 'What pays the loan off after it' }),
  loan_status: z.enum(LOAN_STATUSES),
  status: z.enum(['PENDING', 'COMPLETED', 'FAILED', 'REVERSED']),
  failure: z.object({ code: z.string(), message: z.string() }).nullable(),
  entry_id: Id.nullable(),
  requested_at: Timestamp,
  settled_at: Timestamp.nullable(),
  reversal: ReversalView.nullable(),
  outlook: OutlookView.optional(),
  dry_run: z.literal(true).optional(),
})

type View = z.input<typeof RepaymentView>

export const toRepayment = (movement: Movement, reversal?: Movement): View => {
  const { _id, loanId, amountMinor, currency, result, refusal, createdAt, settledAt } = movement
  const { outstandingMinor, loanStatus } = reversal?.result ?? result
  return {
    ...{ id: _id, loan_id: loanId, currency, excess: excessOf(movement), paid_on: movement.on },
    amount: toWireAmount(amountMinor, currency),
    allocation: toAllocation(result.allocation, currency),
    outstanding: toWireAmount(outstandingMinor, currency),
    loan_status: loanStatus,
    status: statusOf(movement, reversal),
    failure: refusal && { code: refusal.code, message: refusal.message },
    entry_id: movement.entryId,
    requested_at: createdAt.toISOString(),
    settled_at: settledAt?.toISOString() ?? null,
    reversal: reversal ? toReversal(reversal) : null,
  }
}

const statusOf = ({ status }: Movement, reversal: Movement | undefined): View['status'] => {
  if (reversal?.status === 'COMPLETED') return 'REVERSED'
  return status === 'STUCK' ? 'FAILED' : status
}

const toReversal = ({ _id, status, reason, createdAt }: Movement): z.input<typeof ReversalView> => ({
  id: _id,
  status: status === 'COMPLETED' ? status : 'PENDING',
  reason,
  requested_at: createdAt.toISOString(),
})

export const toAllocation = (allocation: Allocation | null, currency: string): View['allocation'] => {
  if (!allocation) return null
  const { penalties, fees, interest, principal, credit } = allocation
  const amount = (minor: bigint) => toWireAmount(minor, currency)
  return {
    ...{ penalties: amount(penalties), fees: amount(fees), interest: amount(interest) },
    ...{ principal: amount(principal), credit: amount(credit) },
  }
}

const excessOf = ({ happening }: Movement): View['excess'] =>
  happening?.kind === 'repaid' ? happening.excess : 'next_instalment'

/** The repayment as it would be without its money, and what the loan would owe again. */
export const toReversalPreview = (repayment: Movement, { after }: Plan): View => ({
  ...toRepayment(repayment),
  outstanding: toWireAmount(after.outstandingMinor, repayment.currency),
  loan_status: statusIn(after),
  ...{ status: 'REVERSED', dry_run: true },
})

const statusIn = ({ status }: LoanState): View['loan_status'] => (status === 'UNDISBURSED' ? 'APPROVED' : status)

/** The repayment that would be, and what it would leave. */
export const toPreview = (
  { _id, currency }: Loan,
  { before, after, allocation }: Plan,
  asked: { amountMinor: bigint; excess: View['excess']; at: Date },
): View => {
  const amount = (minor: bigint) => toWireAmount(minor, currency)
  const open = after.instalments.filter(({ openMinor }) => openMinor > 0n)
  return {
    ...{ id: null, loan_id: _id, amount: amount(asked.amountMinor), currency, excess: asked.excess },
    ...{ paid_on: after.asOf, allocation: toAllocation(allocation, currency) },
    outstanding: amount(after.outstandingMinor),
    loan_status: statusIn(after),
    ...{ status: 'COMPLETED', failure: null, entry_id: null, settled_at: null, reversal: null },
    requested_at: asked.at.toISOString(),
    outlook: {
      interest_saved: amount(interestOf(before) - interestOf(after)),
      instalment: amount(after.instalmentMinor),
      instalments_left: open.length,
      last_due_on: open.at(-1)?.dueDate ?? null,
    },
    dry_run: true,
  }
}

const interestOf = ({ instalments }: LoanState): bigint => instalments.reduce((sum, { due }) => sum + due.interest, 0n)
