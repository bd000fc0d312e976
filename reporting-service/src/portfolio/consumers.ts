import {
  disbursementFailed,
  loanActivated,
  loanApplied,
  loanApproved,
  loanEventRecorded,
  loanRejected,
  loanWithdrawn,
} from '@countinghouse/shared/contracts/loan'
import { project, type Projector } from '@countinghouse/shared/messaging/projector'
import { noteLoan } from './commands.js'
import { toTenThousandths } from './domain.js'

export const portfolioProjectors: readonly Projector[] = [
  project(loanApplied, (tx, data, { time }) =>
    noteLoan(tx, {
      loanId: data.loan_id,
      status: 'APPLIED',
      at: new Date(time),
      application: {
        customerId: data.customer_id,
        amountMinor: data.amount_minor,
        currency: data.currency,
        riskTenThousandths: toTenThousandths(data.risk_score),
        appliedAt: new Date(data.applied_at),
      },
    }),
  ),
  project(loanApproved, (tx, { loan_id }, { time }) =>
    noteLoan(tx, { loanId: loan_id, status: 'APPROVED', at: new Date(time) }),
  ),
  project(loanRejected, (tx, { loan_id }, { time }) =>
    noteLoan(tx, { loanId: loan_id, status: 'REJECTED', at: new Date(time) }),
  ),
  project(loanActivated, (tx, { loan_id }, { time }) =>
    noteLoan(tx, { loanId: loan_id, status: 'ACTIVE', at: new Date(time) }),
  ),
  project(loanWithdrawn, (tx, { loan_id }, { time }) =>
    noteLoan(tx, { loanId: loan_id, status: 'WITHDRAWN', at: new Date(time) }),
  ),
  project(loanEventRecorded, (tx, { loan_id, status, sequence }, { time }) =>
    noteLoan(tx, { loanId: loan_id, status, sequence, at: new Date(time) }),
  ),
  // The loan stays approved and its disbursement can be tried again.
  project(disbursementFailed, (tx, { loan_id }, { time }) =>
    noteLoan(tx, { loanId: loan_id, status: 'APPROVED', at: new Date(time) }),
  ),
]
