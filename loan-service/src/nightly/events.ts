import { loanAged } from '@countinghouse/shared/contracts/loan'
import { newEvent, type Envelope } from '@countinghouse/shared/messaging/event'
import type { Aged } from './domain.js'

export const toLoanAged = ({ loan, state, charged }: Aged): Envelope =>
  newEvent(loanAged, loan._id, {
    loan_id: loan._id,
    customer_id: loan.customerId,
    on: state.asOf,
    currency: loan.currency,
    days_past_due: state.daysPastDue,
    bucket: state.bucket,
    due_now_minor: state.dueNowMinor,
    fees_charged_minor: charged.feesMinor,
    penalties_charged_minor: charged.penaltiesMinor,
    outstanding_minor: state.outstandingMinor,
    principal_outstanding_minor: state.owed.principal,
    oldest_unpaid_due_on: loan.summary?.oldestUnpaidDueOn ?? null,
  })
