import { z } from 'zod'
import { defineEvent, MinorUnits } from '../messaging/event.js'

export const LOAN_STATUSES = [
  'APPLIED',
  'APPROVED',
  'ACTIVE',
  'CLOSED',
  'REJECTED',
  'WITHDRAWN',
  'WRITTEN_OFF',
] as const
export type LoanStatus = (typeof LOAN_STATUSES)[number]

export const LOAN_DECISIONS = ['PENDING', 'APPROVED', 'REJECTED'] as const
export type LoanDecision = (typeof LOAN_DECISIONS)[number]

const loanEvent = <Shape extends z.ZodRawShape>(name: string, shape: Shape) =>
  defineEvent(name, 1, 'loan-service', z.object({ loan_id: z.string(), customer_id: z.string(), ...shape }))

export const loanApplied = loanEvent('loan.applied', {
  amount_minor: MinorUnits,
  currency: z.string(),
  term_months: z.number().int(),
  risk_score: z.number(),
  applied_at: z.iso.datetime(),
})

/** The decision is made, and the principal is to be paid into the wallet of `user_id`: null while the customer has no user. */
export const loanApproved = loanEvent('loan.approved', {
  user_id: z.string().nullable(),
  amount_minor: MinorUnits,
  currency: z.string(),
  approved_at: z.iso.datetime(),
})

export const loanRejected = loanEvent('loan.rejected', { reason: z.string().nullable(), rejected_at: z.iso.datetime() })

export const loanActivated = loanEvent('loan.activated', { entry_id: z.string(), activated_at: z.iso.datetime() })

/** The wallet could not be credited; nothing was posted. Sent by wallet-service, about a loan. */
export const disbursementFailed = defineEvent(
  'disbursement.failed',
  1,
  'wallet-service',
  z.object({
    loan_id: z.string(),
    user_id: z.string(),
    code: z.string(),
    reason: z.string(),
    failed_at: z.iso.datetime(),
  }),
)
