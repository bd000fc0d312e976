import { LOAN_DECISIONS, LOAN_STATUSES } from '@countinghouse/shared/contracts/loan'
import { Day, Id, Timestamp, WireAmount } from '@countinghouse/shared/http/fields'
import { toWire } from '@countinghouse/shared/http/wire'
import { toWireAmount } from '@countinghouse/shared/money'
import { z } from 'zod'
import type { Deps } from './deps.js'
import type { Loan } from './domain/loan.js'
import { isTooRisky } from './domain/risk.js'
import { votesNeeded } from './domain/votes.js'
import type { Standing } from './standing.js'

const RiskReason = z.object({
  code: z.string(),
  contribution: z.number(),
  value: z.number().nullable(),
  message: z.string(),
})

const Disbursement = z.object({
  status: z.enum(['PENDING', 'FAILED', 'COMPLETED', 'RETURNED']),
  code: z.string().nullable(),
  reason: z.string().nullable(),
  entry_id: z.string().nullable(),
  credited_at: Timestamp.nullable(),
  attempts: z.number(),
})

/** Where a loan that is paid out stands today; null before. */
const StandingView = {
  outstanding: WireAmount.nullable().meta({ description: 'What pays the loan off today' }),
  principal_outstanding: WireAmount.nullable(),
  due_now: WireAmount.nullable(),
  credit_balance: WireAmount.nullable(),
  next_due: z.object({ on: Day, amount: WireAmount }).nullable(),
  overdue: z.boolean(),
  days_past_due: z.number(),
  restructured_on: Day.nullable(),
  written_off_on: Day.nullable(),
}

export const LoanView = z.object({
  id: Id,
  customer_id: Id,
  amount: WireAmount,
  currency: z.string(),
  term_months: z.number(),
  purpose: z.string().nullable(),
  income: WireAmount.nullable(),
  expenses: WireAmount.nullable(),
  product_id: Id,
  product_version: z.number(),
  annual_rate: z.number().meta({ description: 'Percent a year' }),
  status: z.enum(LOAN_STATUSES),
  decision: z.enum(LOAN_DECISIONS),
  risk_score: z.number(),
  risk_reasons: z.array(RiskReason),
  risk_model_version: z.string(),
  approval_blocked: z.boolean(),
  max_amount: WireAmount.nullable(),
  min_term_months: z.number().nullable(),
  entered_by: Id,
  approvals: z.object({ given: z.number(), needed: z.number() }),
  decided_by: Id.nullable(),
  decided_at: Timestamp.nullable(),
  decision_reason: z.string().nullable(),
  withdrawal: z.enum(['WITHDRAWN', 'CANCELLED', 'EXPIRED']).nullable(),
  expires_at: Timestamp.nullable(),
  disbursement: Disbursement.nullable(),
  ...StandingView,
  created_at: Timestamp,
  updated_at: Timestamp,
  version: z.number(),
  dry_run: z.literal(true).optional(),
})

const HistoryEntry = z.object({
  step: z.string(),
  status: z.enum(LOAN_STATUSES),
  by: z.string(),
  at: Timestamp,
  reason: z.string().nullable(),
})

export const TrackingView = z.object({
  loan_id: Id,
  status: z.enum(LOAN_STATUSES),
  decision: z.enum(LOAN_DECISIONS),
  disbursement: Disbursement.nullable(),
  history: z.array(HistoryEntry),
})

/** A loan as its readers see it; `state` is where it stands today, once it is paid out. */
export const viewOf = (
  { rules }: Pick<Deps, 'rules'>,
  loan: Loan,
  state: Standing | undefined = undefined,
): z.input<typeof LoanView> => {
  const { _id, amountMinor, incomeMinor, expensesMinor, maxAmountMinor, annualRate, disbursement, votes } = loan
  const amountOrNull = (minor: bigint | null) => (minor === null ? null : toWireAmount(minor, loan.currency))
  return {
    ...toWire(loan),
    id: _id,
    amount: toWireAmount(amountMinor, loan.currency),
    income: amountOrNull(incomeMinor),
    expenses: amountOrNull(expensesMinor),
    max_amount: amountOrNull(maxAmountMinor),
    annual_rate: Number(annualRate),
    approval_blocked: isTooRisky(loan, rules.riskLimit),
    approvals: { given: votes.length, needed: votesNeeded(loan, rules.dualControlAboveMinor) },
    disbursement: disbursement && toWire(disbursement),
    ...(state ? standingOf(state, loan.currency) : NOT_PAID_OUT),
  }
}

const NOT_PAID_OUT = {
  ...{ outstanding: null, principal_outstanding: null, due_now: null, credit_balance: null, next_due: null },
  ...{ overdue: false, days_past_due: 0, restructured_on: null, written_off_on: null },
}

const standingOf = (state: Standing, currency: string) => {
  const amount = (minor: bigint) => toWireAmount(minor, currency)
  return {
    outstanding: amount(state.outstandingMinor),
    principal_outstanding: amount(state.owed.principal),
    due_now: amount(state.dueNowMinor),
    credit_balance: amount(state.creditBalanceMinor),
    next_due: state.nextDue && { on: state.nextDue.date, amount: amount(state.nextDue.amountMinor) },
    overdue: state.status === 'ACTIVE' && state.daysPastDue > 0,
    days_past_due: state.status === 'ACTIVE' ? state.daysPastDue : 0,
    restructured_on: state.restructuredOn,
    written_off_on: state.writtenOffOn,
  }
}

export const toTracking = ({ _id, status, decision, disbursement, history }: Loan) => ({
  loan_id: _id,
  status,
  decision,
  disbursement: disbursement && toWire(disbursement),
  history: history.map(toWire),
})
