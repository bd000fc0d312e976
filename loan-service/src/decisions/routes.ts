import { dryRunQuery } from '@countinghouse/shared/http/dryRun'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Id, text } from '@countinghouse/shared/http/fields'
import { z } from 'zod'
import { onceOrDry } from '../dryRun.js'
import type { Deps } from '../loans/deps.js'
import { approvedExample } from '../loans/examples.js'
import { LoanView, viewOf } from '../loans/view.js'
import { decideLoan } from './commands.js'

const ACTIONS = { APPROVED: 'approve', REJECTED: 'reject' } as const
const Reason = text(1000).nullable().default(null)

const refusals = [
  ...['own_loan', 'entered_by_decider', 'loan_not_found', 'illegal_transition', 'already_approved', 'loan_changed'],
  ...['risk_too_high', 'version_conflict'],
]

export const decisionEndpoints = (deps: Deps) => [
  endpoint({
    method: 'patch',
    path: '/loans/:id',
    summary: 'Decide a loan; a borrower’s own application is for admins to decide',
    tag: 'Loans',
    access: ['staff', 'admin'],
    params: z.object({ id: Id }),
    query: z.object(dryRunQuery),
    body: z.strictObject({ status: z.enum(['APPROVED', 'REJECTED']), reason: Reason }),
    view: LoanView,
    refusals: ['admin_decides', ...refusals],
    example: { body: { status: 'APPROVED', reason: 'Steady income' }, view: approvedExample },
    handle: ({ params, query, body: { status, reason }, user: { userId, role }, ifMatch, once }) =>
      onceOrDry({ query, once, db: deps.db, view: LoanView }, async (tx) => {
        const decision = { loanId: params.id, action: ACTIONS[status], reason, ifMatch }
        const decider = { userId, isAdmin: role === 'admin' }
        return viewOf(deps, await decideLoan(tx, deps, { ...decision, decider }))
      }),
  }),
  endpoint({
    method: 'post',
    path: '/loans/admin/approve',
    summary: 'Decide a loan, either way',
    tag: 'Loans',
    access: ['admin'],
    idempotent: true,
    query: z.object(dryRunQuery),
    body: z.strictObject({ loan_id: Id, action: z.enum(['approve', 'reject']), reason: Reason }),
    view: LoanView,
    refusals,
    example: {
      body: { loan_id: approvedExample.id, action: 'approve', reason: 'Steady income' },
      view: approvedExample,
    },
    handle: ({ query, body: { loan_id: loanId, action, reason }, user: { userId }, ifMatch, once }) =>
      onceOrDry({ query, once, db: deps.db, view: LoanView }, async (tx) => {
        const decision = { loanId, action, reason, decider: { userId, isAdmin: true }, ifMatch }
        return viewOf(deps, await decideLoan(tx, deps, decision))
      }),
  }),
]
