import { dryRunQuery } from '@countinghouse/shared/http/dryRun'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Id, positiveAmountIn, text } from '@countinghouse/shared/http/fields'
import { z } from 'zod'
import { onceOrDry } from '../dryRun.js'
import type { Recorded } from '../loans/domain/fact.js'
import { activeExample } from '../loans/examples.js'
import { LoanView, viewOf } from '../loans/view.js'
import { adjust, takeBack, type Deps } from './commands.js'

const act = {
  method: 'post',
  tag: 'Servicing',
  access: ['admin'],
  idempotent: true,
  params: z.object({ id: Id }),
  query: z.object(dryRunQuery),
} as const
const Reason = text(1000)

const RecordedView = LoanView.extend({ event_id: Id })

const toView = (deps: Deps, { loan, state, row }: Recorded) => ({ ...viewOf(deps, loan, state), event_id: row._id })

const refusals = ['loan_not_found', 'own_loan', 'illegal_transition', 'loan_changed']
const example = { ...activeExample, event_id: `${activeExample.id}:2` }

export const servicingEndpoints = (deps: Deps) => [charge(deps), waive(deps), reverse(deps)]

const charge = (deps: Deps) =>
  endpoint({
    ...act,
    path: '/loans/:id/charges',
    summary: 'Charge a fee or a penalty',
    status: 201,
    body: z.strictObject({
      part: z.enum(['fees', 'penalties']),
      amount: positiveAmountIn(deps.rules.currency),
      reason: Reason,
    }),
    view: RecordedView,
    refusals,
    example: { body: { part: 'fees', amount: 25, reason: 'Returned direct debit' }, view: example },
    handle: ({ params: { id }, query, body, user: { userId }, once }) =>
      onceOrDry({ query, once, db: deps.db, view: RecordedView }, async (tx) => {
        const happening = { kind: 'charged', part: body.part, amountMinor: body.amount } as const
        return toView(deps, await adjust(tx, deps, { loanId: id, userId, reason: body.reason }, happening))
      }),
  })

const waive = (deps: Deps) =>
  endpoint({
    ...act,
    path: '/loans/:id/waivers',
    summary: 'Forgive penalties, fees or interest that are owed',
    status: 201,
    body: z.strictObject({
      part: z.enum(['penalties', 'fees', 'interest']),
      amount: positiveAmountIn(deps.rules.currency),
      reason: Reason,
    }),
    view: RecordedView,
    refusals: [...refusals, 'waiver_above_owed'],
    example: { body: { part: 'fees', amount: 25, reason: 'The bank was at fault' }, view: example },
    handle: ({ params: { id }, query, body, user: { userId }, once }) =>
      onceOrDry({ query, once, db: deps.db, view: RecordedView }, async (tx) => {
        const happening = { kind: 'waived', part: body.part, amountMinor: body.amount } as const
        return toView(deps, await adjust(tx, deps, { loanId: id, userId, reason: body.reason }, happening))
      }),
  })

const reverse = (deps: Deps) =>
  endpoint({
    ...act,
    path: '/loans/:id/events/:eventId/reverse',
    summary: 'Take a charge or a waiver back; what was paid too much by it returns to the wallet',
    params: z.object({ id: Id, eventId: Id }),
    body: z.strictObject({ reason: Reason }),
    view: RecordedView,
    refusals: [...refusals, 'event_not_found', 'not_reversible', 'already_reversed'],
    example: { body: { reason: 'Charged by mistake' }, view: example },
    handle: ({ params: { id, eventId }, query, body: { reason }, user: { userId }, once }) =>
      onceOrDry({ query, once, db: deps.db, view: RecordedView }, async (tx) =>
        toView(deps, await takeBack(tx, deps, { loanId: id, eventId, userId, reason })),
      ),
  })
