import { actorOf } from '@countinghouse/shared/http/caller'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Id } from '@countinghouse/shared/http/fields'
import { z } from 'zod'
import { approvedExample } from '../loans/examples.js'
import { LoanView, viewOf } from '../loans/view.js'
import { retryLoanDisbursement, type Deps } from './commands.js'

export const disbursementEndpoints = (deps: Deps) => [
  endpoint({
    method: 'post',
    path: '/loans/:id/disbursement/retry',
    summary: 'Try a failed disbursement again',
    tag: 'Loans',
    access: ['admin'],
    idempotent: true,
    params: z.object({ id: Id }),
    view: LoanView,
    refusals: [
      ...['loan_not_found', 'illegal_transition', 'disbursement_not_failed', 'customer_not_linked'],
      ...['risk_too_high', 'loan_changed'],
    ],
    example: { view: approvedExample },
    handle: ({ params, caller, once }) =>
      once(async (tx) =>
        viewOf(deps, await retryLoanDisbursement(tx, deps, { loanId: params.id, by: actorOf(caller) })),
      ),
  }),
]
