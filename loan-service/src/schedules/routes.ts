import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Day, Id, positiveAmountIn, WireAmount } from '@countinghouse/shared/http/fields'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { toWireAmount } from '@countinghouse/shared/money'
import { z } from 'zod'
import { disclosureOf } from '../engine/disclosure.js'
import { emiOf } from '../engine/emi.js'
import { fold } from '../engine/fold.js'
import { journalOf } from '../engine/journal.js'
import { payoffQuote } from '../engine/payoff.js'
import { refuse } from '../errors.js'
import { getVisibleLoan } from '../loans/access.js'
import type { Deps } from '../loans/deps.js'
import type { Loan } from '../loans/domain/loan.js'
import { toTerms } from '../loans/domain/terms.js'
import { toDisclosure, toOfferedRows, toRows } from '../loans/offer.js'
import { findEvents } from '../loans/store/events.js'
import { Rate } from '../rate.js'
import { payoffExample, scheduleExample, statementExample } from './examples.js'
import { PayoffView, ScheduleView, StatementView, toPayoff, toStatement } from './views.js'

const reader = ['customer', 'vendor', 'viewer', 'staff', 'admin'] as const
const params = z.object({ id: Id })
const tag = 'Loans'

const EmiView = z.object({
  principal: WireAmount,
  annual_rate: z.number(),
  term_months: z.number(),
  emi: WireAmount,
  total_of_payments: WireAmount,
  total_interest: WireAmount,
})

export const emiEndpoints = ({ rules: { currency } }: Pick<Deps, 'rules'>) => [
  endpoint({
    method: 'get',
    path: '/loans/emi',
    summary: 'Work out the equal monthly instalment of a loan',
    tag,
    access: reader,
    query: z.object({
      principal: positiveAmountIn(currency),
      annual_rate: Rate,
      term_months: z.coerce.number().int().min(1).max(1200),
    }),
    view: EmiView,
    refusals: ['terms_not_amortizing'],
    example: {
      view: {
        ...{ principal: 100000, annual_rate: 12, term_months: 12, emi: 8884.88 },
        ...{ total_of_payments: 106618.56, total_interest: 6618.56 },
      },
    },
    handle: ({ query: { principal, annual_rate: annualRate, term_months: termMonths } }) => {
      const emi = emiOf({ principalMinor: principal, annualRate, termMonths })
      const total = emi * BigInt(termMonths)
      const amount = (minor: bigint) => toWireAmount(minor, currency)
      return {
        ...{ principal: amount(principal), annual_rate: Number(annualRate), term_months: termMonths },
        ...{ emi: amount(emi), total_of_payments: amount(total), total_interest: amount(total - principal) },
      }
    },
  }),
]

export const scheduleEndpoints = (deps: Deps) => {
  const { db, now, rules } = deps
  const reads = readsOn(db)
  return [
    endpoint({
      method: 'get',
      path: '/loans/:id/schedule',
      reads: { data: 'financial', of: 'loan' },
      summary: 'Read what falls due when; of an application, what it would get if it were paid out today',
      tag,
      access: reader,
      params,
      view: ScheduleView,
      refusals: ['loan_not_found'],
      example: { view: scheduleExample },
      handle: async ({ params: { id }, user }) => scheduleFor(deps, await getVisibleLoan(reads, deps, id, user)),
    }),
    endpoint({
      method: 'get',
      path: '/loans/:id/payoff',
      reads: { data: 'financial', of: 'loan' },
      summary: 'Read what pays the loan off on a day, and on the nine after it',
      tag,
      access: reader,
      params,
      query: z.object({ on: Day.optional() }),
      view: PayoffView,
      refusals: ['loan_not_found', 'not_paid_out', 'day_is_past'],
      example: { view: payoffExample },
      handle: async ({ params: { id }, query, user }) => {
        const loan = await getVisibleLoan(reads, deps, id, user)
        const today = rules.dayOf(now())
        const on = query.on ?? today
        if (on < today) throw refuse('day_is_past', { on, today })
        return toPayoff(loan, payoffQuote(toTerms(loan), await eventsOf(deps, loan), on))
      },
    }),
    endpoint({
      method: 'get',
      path: '/loans/:id/statement',
      reads: { data: 'financial', of: 'loan' },
      summary: 'Read everything that changed what is owed, with what was owed after it',
      tag,
      access: reader,
      params,
      query: z.object({ as_of: Day.optional() }),
      view: StatementView,
      refusals: ['loan_not_found', 'not_paid_out'],
      example: { view: statementExample },
      handle: async ({ params: { id }, query: { as_of: asOf = rules.dayOf(now()) }, user }) => {
        const loan = await getVisibleLoan(reads, deps, id, user)
        return toStatement(loan, journalOf(toTerms(loan), await eventsOf(deps, loan), asOf), asOf)
      },
    }),
  ]
}

const eventsOf = async ({ db }: Deps, { _id, eventCount, status }: Loan) => {
  if (eventCount === 0) throw refuse('not_paid_out', { loan_id: _id, loan_status: status })
  return findEvents(readsOn(db), _id)
}

const scheduleFor = async ({ db, now, rules }: Deps, loan: Loan): Promise<z.input<typeof ScheduleView>> => {
  const { _id, currency, disbursement } = loan
  const [terms, today] = [toTerms(loan), rules.dayOf(now())]
  const paidOutOn = loan.eventCount > 0 && disbursement?.creditedAt ? rules.dayOf(disbursement.creditedAt) : null
  const disclosure = disclosureOf(terms, paidOutOn ?? today)
  const rows =
    paidOutOn === null
      ? toOfferedRows(disclosure, currency)
      : toRows(fold(terms, await findEvents(readsOn(db), _id), today), currency)
  return { loan_id: _id, currency, paid_out_on: paidOutOn, disclosure: toDisclosure(disclosure, currency), rows }
}
