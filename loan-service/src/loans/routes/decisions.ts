import { endpoint } from '@countinghouse/shared/http/endpoint'
import { actorOf } from '@countinghouse/shared/http/caller'
import { Id, text } from '@countinghouse/shared/http/fields'
import { z } from 'zod'
import { decideLoan, retryLoanDisbursement } from '../commands.js'
import type { Deps } from '../deps.js'
import { approvedExample } from '../examples.js'
import { LoanView, toView } from '../view.js'

const ACTIONS = { APPROVED: 'approve', REJECTED: 'reject' } as const
const Reason = text(1000).nullable().default(null)

const refusals = ['own_loan', 'loan_not_found', 'illegal_transition', 'risk_too_high']

export const decisionEndpoints = (deps: Deps) => [
  endpoint({
    method: 'patch',
    path: '/loans/:id',
    summary: 'Decide a loan; a borrower’s own application is for admins to decide',
    tag: 'Loans',
    access: ['staff', 'admin'],
    params: z.object({ id: Id }),
    body: z.strictObject({ status: z.enum(['APPROVED', 'REJECTED']), reason: Reason }),
    view: LoanView,
    refusals: ['admin_decides', ...refusals, 'version_conflict'],
    example: { body: { status: 'APPROVED', reason: 'Steady income' }, view: approvedExample },
    handle: ({ params, body: { status, reason }, user: { userId, role }, ifMatch, once }) =>
      once(async (tx) => {
        const decision = { loanId: params.id, action: ACTIONS[status], reason, ifMatch }
        const decider = { userId, isAdmin: role === 'admin' }
        return toView(await decideLoan(tx, deps, { ...decision, decider }), deps.rules.riskLimit)
      }),
  }),
  endpoint({
    method: 'post',
    path: '/loans/admin/approve',
    summary: 'Decide a loan, either way',
    tag: 'Loans',
    access: ['admin'],
    idempotent: true,
    body: z.strictObject({ loan_id: Id, action: z.enum(['approve', 'reject']), reason: Reason }),
    view: LoanView,
    refusals,
    example: {
      body: { loan_id: approvedExample.id, action: 'approve', reason: 'Steady income' },
      view: approvedExample,
    },
    handle: ({ body: { loan_id: loanId, action, reason }, user: { userId }, once }) =>
      once(async (tx) => {
        const decision = { loanId, action, reason, decider: { userId, isAdmin: true } }
        return toView(await decideLoan(tx, deps, decision), deps.rules.riskLimit)
      }),
  }),
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
      'loan_not_found',
      'illegal_transition',
      'disbursement_not_failed',
      'customer_not_linked',
      'risk_too_high',
    ],
    example: { view: approvedExample },
    handle: ({ params, caller, once }) =>
      once(async (tx) => {
        const loan = await retryLoanDisbursement(tx, deps, { loanId: params.id, by: actorOf(caller) })
        return toView(loan, deps.rules.riskLimit)
      }),
  }),
]
