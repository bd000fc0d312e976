import {
  loanActivated,
  loanAged,
  loanApplied,
  loanApproved,
  loanEventRecorded,
} from '@countinghouse/shared/contracts/loan'
import { project, type Projector } from '@countinghouse/shared/messaging/projector'
import { noteLoan, noteState } from './commands.js'

export const lendingProjectors = (dayOf: (instant: Date) => string): readonly Projector[] => [
  project(loanApplied, (tx, { loan_id, amount_minor, currency }) =>
    noteLoan(tx, loan_id, { amountMinor: amount_minor, currency }),
  ),
  project(loanApproved, (tx, { loan_id, amount_minor, currency }) =>
    noteLoan(tx, loan_id, { amountMinor: amount_minor, currency }),
  ),
  project(loanActivated, (tx, { loan_id, activated_at }) =>
    noteLoan(tx, loan_id, { activatedOn: dayOf(new Date(activated_at)) }),
  ),
  project(loanEventRecorded, (tx, data) =>
    noteState(tx, {
      ...{ _id: `${data.loan_id} ${data.sequence.toString()}`, loanId: data.loan_id, on: data.on, status: data.status },
      ...{ at: new Date(data.recorded_at), principalMinor: data.principal_outstanding_minor },
      oldestUnpaidDueOn: data.oldest_unpaid_due_on,
    }),
  ),
  project(loanAged, (tx, data, { time }) =>
    noteState(tx, {
      ...{ _id: `${data.loan_id} night ${data.on}`, loanId: data.loan_id, on: data.on, status: 'ACTIVE' },
      ...{ at: new Date(time), principalMinor: data.principal_outstanding_minor },
      oldestUnpaidDueOn: data.oldest_unpaid_due_on,
    }),
  ),
]
