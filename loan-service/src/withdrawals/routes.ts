import { actorOf } from '@countinghouse/shared/http/caller'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Id, text } from '@countinghouse/shared/http/fields'
import { z } from 'zod'
import { getVisibleLoan } from '../loans/access.js'
import type { Deps } from '../loans/deps.js'
import { loanExample } from '../loans/examples.js'
import { LoanView, viewOf } from '../loans/view.js'
import { withdrawLoan } from './commands.js'

export const withdrawalEndpoints = (deps: Deps) => [
  endpoint({
    method: 'post',
    path: '/loans/:id/withdraw',
    summary: 'Take back an application, or an approval that is not being paid out',
    tag: 'Loans',
    access: ['customer', 'vendor', 'staff', 'admin'],
    idempotent: true,
    params: z.object({ id: Id }),
    body: z.strictObject({ reason: text(1000).nullable().default(null) }),
    view: LoanView,
    refusals: ['loan_not_found', 'illegal_transition', 'disbursement_pending', 'loan_changed', 'version_conflict'],
    example: {
      body: { reason: 'Found another way' },
      view: { ...loanExample, status: 'WITHDRAWN', decision: 'REJECTED', withdrawal: 'WITHDRAWN', version: 2 },
    },
    handle: ({ params: { id }, body: { reason }, user, caller, ifMatch, once }) =>
      once(async (tx) => {
        await getVisibleLoan(tx, deps, id, user)
        const request = { loanId: id, by: actorOf(caller), reason, ifMatch }
        return viewOf(deps, await withdrawLoan(tx, deps, request))
      }),
  }),
]
