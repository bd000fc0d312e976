import { dryRunQuery } from '@countinghouse/shared/http/dryRun'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Id, nonNegativeAmountIn, positiveAmountIn, text } from '@countinghouse/shared/http/fields'
import { z } from 'zod'
import { onceOrDry } from '../dryRun.js'
import type { Loan } from '../loans/domain/loan.js'
import { applicationExample, loanExample, offerExample } from '../loans/examples.js'
import { OfferView, offerOf } from '../loans/offer.js'
import { LoanView, viewOf } from '../loans/view.js'
import { Rate } from '../rate.js'
import { enterLoan, type Deps } from './commands.js'
import type { Asked } from './domain.js'

const applicationFields = (currency: string) => ({
  amount: positiveAmountIn(currency),
  term_months: z.number().int().min(1).max(1200),
  purpose: text(500).nullable().default(null),
  income: nonNegativeAmountIn(currency).nullable().default(null),
  expenses: nonNegativeAmountIn(currency).nullable().default(null),
  product_id: Id.optional(),
})

const ApplicationView = LoanView.extend({ offer: OfferView })
const example = { ...loanExample, offer: offerExample }

type ApplicationBody = z.output<z.ZodObject<ReturnType<typeof applicationFields>>>

const toAsked = (body: ApplicationBody, annualRate?: string): Asked => ({
  amountMinor: body.amount,
  termMonths: body.term_months,
  purpose: body.purpose,
  incomeMinor: body.income,
  expensesMinor: body.expenses,
  annualRate,
})

const productRefusals = [
  ...['product_not_found', 'amount_outside_product', 'term_outside_product', 'term_not_in_quarters'],
  ...['terms_not_amortizing', 'income_required'],
]

export const applicationEndpoints = (deps: Deps) => {
  const { db, rules, borrowers } = deps
  const fields = applicationFields(rules.currency)
  const query = z.object(dryRunQuery)
  const view = (loan: Loan, withRows: boolean) => ({
    ...viewOf(deps, loan),
    offer: offerOf(loan, { on: rules.dayOf(loan.createdAt), withRows }),
  })
  return [
    endpoint({
      method: 'post',
      path: '/loans/apply',
      summary: 'Apply for a loan of one’s own, at the rate of its product',
      tag: 'Loans',
      access: ['customer', 'vendor'],
      status: 201,
      idempotent: true,
      query,
      body: z.strictObject(fields),
      view: ApplicationView,
      refusals: [
        ...['customer_exists', 'customer_link_required', 'open_loans_limit', 'amount_above_limit', 'term_above_limit'],
        ...[...productRefusals, 'dependency_unavailable'],
      ],
      example: { body: applicationExample, view: example },
      handle: async ({ query, body, user: { userId }, authorization, once }) => {
        const findBorrower = await borrowers.introduce({ userId, authorization })
        return onceOrDry({ query, once, db, view: ApplicationView }, async (tx) => {
          const by = { borrower: await findBorrower(tx), enteredBy: userId, ownApplication: true }
          return view(
            await enterLoan(tx, deps, { asked: toAsked(body), productId: body.product_id, ...by }),
            query.dry_run,
          )
        })
      },
    }),
    endpoint({
      method: 'post',
      path: '/loans',
      summary: 'Enter a loan for a customer, at a rate that its product allows',
      tag: 'Loans',
      access: ['staff', 'admin'],
      status: 201,
      idempotent: true,
      query,
      body: z.strictObject({ customer_id: Id, ...fields, annual_rate: Rate.optional() }),
      view: ApplicationView,
      refusals: ['customer_not_found', ...productRefusals, 'rate_outside_product'],
      example: { body: { customer_id: loanExample.customer_id, ...applicationExample }, view: example },
      handle: ({ query, body, user: { userId }, once }) =>
        onceOrDry({ query, once, db, view: ApplicationView }, async (tx) => {
          const borrower = await borrowers.get(tx, body.customer_id)
          const request = { borrower, enteredBy: userId, ownApplication: false, productId: body.product_id }
          return view(await enterLoan(tx, deps, { asked: toAsked(body, body.annual_rate), ...request }), query.dry_run)
        }),
    }),
  ]
}
