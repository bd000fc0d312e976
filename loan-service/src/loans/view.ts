import { LOAN_DECISIONS, LOAN_STATUSES } from '@countinghouse/shared/contracts/loan'
import { Id, Timestamp, WireAmount } from '@countinghouse/shared/http/fields'
import { toWire } from '@countinghouse/shared/http/wire'
import { toWireAmount } from '@countinghouse/shared/money'
import { z } from 'zod'
import { isTooRisky } from './domain/decision.js'
import type { Loan } from './domain/loan.js'

const RiskReason = z.object({
  code: z.string(),
  contribution: z.number(),
  value: z.number().nullable(),
  message: z.string(),
})

const Disbursement = z.object({
  status: z.enum(['PENDING', 'FAILED', 'COMPLETED']),
  code: z.string().nullable(),
  reason: z.string().nullable(),
  entry_id: z.string().nullable(),
  credited_at: Timestamp.nullable(),
})

export const LoanView = z.object({
  id: Id,
  customer_id: Id,
  amount: WireAmount,
  currency: z.string(),
  term_months: z.number(),
  purpose: z.string().nullable(),
  income: WireAmount.nullable(),
  expenses: WireAmount.nullable(),
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
  decided_by: Id.nullable(),
  decided_at: Timestamp.nullable(),
  decision_reason: z.string().nullable(),
  disbursement: Disbursement.nullable(),
  created_at: Timestamp,
  updated_at: Timestamp,
  version: z.number(),
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

export const toView = (loan: Loan, riskLimit: number) => {
  const {
    _id,
    amountMinor,
    incomeMinor,
    expensesMinor,
    maxAmountMinor,
    annualRate,
    disbursement,
    history: _,
    ...rest
  } = loan
  const amountOrNull = (minor: bigint | null) => (minor === null ? null : toWireAmount(minor, loan.currency))
  return {
    id: _id,
    ...toWire(rest),
    amount: toWireAmount(amountMinor, loan.currency),
    income: amountOrNull(incomeMinor),
    expenses: amountOrNull(expensesMinor),
    max_amount: amountOrNull(maxAmountMinor),
    annual_rate: Number(annualRate),
    approval_blocked: isTooRisky(loan, riskLimit),
    disbursement: disbursement && toWire(disbursement),
  }
}

export const toTracking = ({ _id, status, decision, disbursement, history }: Loan) => ({
  loan_id: _id,
  status,
  decision,
  disbursement: disbursement && toWire(disbursement),
  history: history.map(toWire),
})
