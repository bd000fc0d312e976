import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Id, nonNegativeAmountIn, positiveAmountIn, text } from '@countinghouse/shared/http/fields'
import { z } from 'zod'
import { enterLoan } from '../commands.js'
import type { Deps } from '../deps.js'
import type { Application } from '../domain/loan.js'
import { applicationExample, loanExample } from '../examples.js'
import { LoanView, toView } from '../view.js'

const DEFAULT_RATE = '12'

const RATE_PROBLEM = 'use a percentage from 0 to 100 with at most 4 decimals'

/** Percent a year, kept as the decimal that was written. */
const AnnualRate = z
  .union([z.number(), z.string().max(20)])
  .meta({ description: 'Percent a year, 0 to 100, with at most 4 decimals', example: 12 })
  .transform((value) => String(value).trim())
  .refine((rate) => /^(100(\.0{1,4})?|\d{1,2}(\.\d{1,4})?)$/.test(rate), RATE_PROBLEM)

const applicationFields = (currency: string) => ({
  amount: positiveAmountIn(currency),
  term_months: z.number().int().min(1).max(1200),
  purpose: text(500).nullable().default(null),
  income: nonNegativeAmountIn(currency).nullable().default(null),
  expenses: nonNegativeAmountIn(currency).nullable().default(null),
})

type ApplicationBody = z.output<z.ZodObject<ReturnType<typeof applicationFields>>>

const toApplication = (body: ApplicationBody, currency: string, annualRate: string): Application => ({
  amountMinor: body.amount,
  currency,
  termMonths: body.term_months,
  purpose: body.purpose,
  incomeMinor: body.income,
  expensesMinor: body.expenses,
  annualRate,
})

export const applicationEndpoints = (deps: Deps) => {
  const { rules, borrowers } = deps
  const fields = applicationFields(rules.currency)
  return [
    endpoint({
      method: 'post',
      path: '/loans/apply',
      summary: 'Apply for a loan of one’s own',
      tag: 'Loans',
      access: ['customer', 'vendor'],
      status: 201,
      idempotent: true,
      body: z.strictObject(fields),
      view: LoanView,
      refusals: [
        ...['customer_exists', 'customer_link_required', 'open_loans_limit'],
        ...['amount_above_limit', 'term_above_limit', 'income_required', 'dependency_unavailable'],
      ],
      example: { body: applicationExample, view: loanExample },
      handle: async ({ body, user: { userId }, authorization, once }) => {
        const application = toApplication(body, rules.currency, DEFAULT_RATE)
        const findBorrower = await borrowers.introduce({ userId, authorization })
        return once(async (tx) => {
          const request = { application, borrower: await findBorrower(tx), enteredBy: userId, ownApplication: true }
          return toView(await enterLoan(tx, deps, request), rules.riskLimit)
        })
      },
    }),
    endpoint({
      method: 'post',
      path: '/loans',
      summary: 'Enter a loan for a customer',
      tag: 'Loans',
      access: ['staff', 'admin'],
      status: 201,
      idempotent: true,
      body: z.strictObject({ customer_id: Id, ...fields, annual_rate: AnnualRate.default(DEFAULT_RATE) }),
      view: LoanView,
      refusals: ['customer_not_found', 'income_required'],
      example: { body: { customer_id: loanExample.customer_id, ...applicationExample }, view: loanExample },
      handle: ({ body: { customer_id: customerId, annual_rate: annualRate, ...body }, user: { userId }, once }) =>
        once(async (tx) => {
          const borrower = await borrowers.get(tx, customerId)
          const application = toApplication(body, rules.currency, annualRate)
          const request = { application, borrower, enteredBy: userId, ownApplication: false }
          return toView(await enterLoan(tx, deps, request), rules.riskLimit)
        }),
    }),
  ]
}
