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

/** Taken back by its borrower, or lapsed: nobody decided it in time, or an approval could not be paid out. */
export const loanWithdrawn = loanEvent('loan.withdrawn', {
  reason: z.enum(['WITHDRAWN', 'CANCELLED', 'EXPIRED']),
  withdrawn_at: z.iso.datetime(),
})

export const loanActivated = loanEvent('loan.activated', { entry_id: z.string(), activated_at: z.iso.datetime() })

/** Something happened to a loan that is paid out, and where that leaves it; in the order of `sequence`. */
export const loanEventRecorded = loanEvent('loan.event-recorded', {
  sequence: z.number().int(),
  kind: z.string(),
  /** The day from which it counts. */
  on: z.iso.date(),
  amount_minor: MinorUnits.nullable(),
  currency: z.string(),
  status: z.enum(LOAN_STATUSES),
  outstanding_minor: MinorUnits,
  principal_outstanding_minor: MinorUnits,
  oldest_unpaid_due_on: z.iso.date().nullable(),
  recorded_at: z.iso.datetime(),
})

/**
 * A night has brought a running loan to a day, and more than interest came of it: an instalment fell due, a charge was
 * raised, or the loan is late in another degree.
 */
export const loanAged = loanEvent('loan.aged', {
  on: z.iso.date(),
  currency: z.string(),
  days_past_due: z.number().int(),
  bucket: z.enum(['CURRENT', '1-30', '31-60', '61-90', '90+']),
  due_now_minor: MinorUnits,
  fees_charged_minor: MinorUnits,
  penalties_charged_minor: MinorUnits,
  outstanding_minor: MinorUnits,
  principal_outstanding_minor: MinorUnits,
  oldest_unpaid_due_on: z.iso.date().nullable(),
})

/** A document of a loan was uploaded and handed in. */
export const loanDocumentStored = loanEvent('loan.document-stored', {
  document_id: z.string(),
  filename: z.string(),
  content_type: z.string(),
  size: z.number().int(),
  sha256: z.string(),
  stored_at: z.iso.datetime(),
})

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
