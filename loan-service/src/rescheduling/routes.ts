import { dryRunQuery } from '@countinghouse/shared/http/dryRun'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Day, Id, text, WireAmount } from '@countinghouse/shared/http/fields'
import { toWireAmount } from '@countinghouse/shared/money'
import { z } from 'zod'
import { onceOrDry } from '../dryRun.js'
import type { NewTerms } from '../engine/events.js'
import type { LoanState } from '../engine/state.js'
import { activeExample, offerExample } from '../loans/examples.js'
import { ScheduleRow, toRows } from '../loans/offer.js'
import { LoanView, viewOf } from '../loans/view.js'
import { Rate } from '../rate.js'
import { reschedule, type Deps, type Rescheduled } from './commands.js'

const GraceBody = z.strictObject({
  principal_periods: z.number().int().min(0).max(60).default(0),
  moratorium_periods: z.number().int().min(0).max(60).default(0),
  moratorium_interest: z.enum(['accrue', 'waive']).default('accrue'),
})

const Body = z.strictObject({
  first_due_date: Day,
  instalments: z.number().int().min(1).max(600),
  annual_rate: Rate.optional(),
  method: z.enum(['equal_instalment', 'equal_principal', 'flat']).optional(),
  frequency: z.enum(['weekly', 'fortnightly', 'four_weekly', 'monthly', 'quarterly']).optional(),
  grace: GraceBody.optional(),
  reason: text(1000),
})

const PlanView = z.object({
  outstanding: WireAmount,
  instalment: WireAmount,
  interest_to_come: WireAmount,
  rows: z.array(ScheduleRow).meta({ description: 'What is still to be paid' }),
})

const ReschedulingView = LoanView.extend({ before: PlanView, after: PlanView })

const toPlan = (state: LoanState, currency: string): z.input<typeof PlanView> => {
  const amount = (minor: bigint) => toWireAmount(minor, currency)
  return {
    outstanding: amount(state.outstandingMinor),
    instalment: amount(state.instalmentMinor),
    interest_to_come: amount(state.interestToComeMinor),
    rows: toRows(state, currency).filter(({ open }) => open > 0),
  }
}

const toView = (deps: Deps, { loan, before, after }: Rescheduled): z.input<typeof ReschedulingView> => ({
  ...viewOf(deps, loan, after),
  before: toPlan(before, loan.currency),
  after: toPlan(after, loan.currency),
})

/** What is left out of the request stays as it was agreed before. */
const toTerms = (body: z.output<typeof Body>): NewTerms => {
  const { first_due_date: firstDueDate, instalments, annual_rate: annualRate, method, frequency, grace } = body
  return {
    ...{ firstDueDate, instalments },
    ...(annualRate !== undefined && { annualRate }),
    ...(method && { method }),
    ...(frequency && { frequency }),
    ...(grace && {
      grace: {
        principalPeriods: grace.principal_periods,
        moratoriumPeriods: grace.moratorium_periods,
        moratoriumInterest: grace.moratorium_interest,
      },
    }),
  }
}

const planExample = { outstanding: 25025, instalment: 830.36, interest_to_come: 4867.83, rows: offerExample.rows }

export const reschedulingEndpoints = (deps: Deps) => [
  endpoint({
    method: 'post',
    path: '/loans/:id/reschedule',
    summary: 'Agree new terms for what is still owed',
    tag: 'Servicing',
    access: ['admin'],
    idempotent: true,
    params: z.object({ id: Id }),
    query: z.object(dryRunQuery),
    body: Body,
    view: ReschedulingView,
    refusals: [
      ...['loan_not_found', 'own_loan', 'illegal_transition', 'loan_changed', 'money_under_way'],
      ...['first_due_too_early', 'terms_not_amortizing'],
    ],
    example: {
      body: { first_due_date: '2027-01-21', instalments: 48, annual_rate: 10, reason: 'Short-time work' },
      view: { ...activeExample, restructured_on: '2026-11-24', before: planExample, after: planExample },
    },
    handle: ({ params: { id }, query, body, user: { userId }, once }) =>
      onceOrDry({ query, once, db: deps.db, view: ReschedulingView }, async (tx) => {
        const asked = { loanId: id, userId, reason: body.reason, terms: toTerms(body) }
        return toView(deps, await reschedule(tx, deps, asked))
      }),
  }),
]
