import { compare, fractionOf } from '@countinghouse/shared/fraction'
import { formatAmount } from '@countinghouse/shared/money'
import type { Product } from '../engine/terms.js'
import { refuse, refuseField } from '../errors.js'
import { daysAfter } from '../loans/domain/lapse.js'
import type { Application, Assessment, Loan } from '../loans/domain/loan.js'

/** The limits of the house; the first three bind what borrowers apply for themselves, not what staff enter. */
export type ApplicationRules = {
  maxAmountMinor: bigint
  maxTermMonths: number
  maxOpen: number
  /** Up to this amount a loan may be asked for without stating income and expenses. */
  unassessedMaxMinor: bigint
  /** How long an application waits for its decision. */
  offerDays: number
}

/** The version of a product that a loan is asked for on; without a largest amount there is none. */
export type Lending = {
  productId: string
  version: number
  currency: string
  minAmountMinor: bigint
  maxAmountMinor: bigint | null
  minTermMonths: number
  maxTermMonths: number
  annualRate: string
  minAnnualRate: string
  maxAnnualRate: string
  product: Product
}

/** What is asked for; without a rate, at the product's. */
export type Asked = Pick<Application, 'amountMinor' | 'termMonths' | 'purpose' | 'incomeMinor' | 'expensesMinor'> & {
  annualRate?: string | undefined
}

/** The application on the terms of a product, or the refusal of what the product does not offer. */
export const toApplication = ({ annualRate, ...asked }: Asked, lending: Lending): Application => {
  assertOffered({ ...asked, annualRate }, lending)
  const { productId, version, currency, product } = lending
  const rate = annualRate ?? lending.annualRate
  return { ...asked, currency, productId, productVersion: version, product, annualRate: rate }
}

const assertOffered = ({ amountMinor, termMonths, annualRate }: Asked, lending: Lending): void => {
  const { minAmountMinor, maxAmountMinor, minTermMonths, maxTermMonths, currency } = lending
  if (amountMinor < minAmountMinor || (maxAmountMinor !== null && amountMinor > maxAmountMinor)) {
    const most = maxAmountMinor === null ? 'any amount' : formatAmount(maxAmountMinor, currency)
    throw refuseField('amount_outside_product', 'amount', { least: formatAmount(minAmountMinor, currency), most })
  }
  if (termMonths < minTermMonths || termMonths > maxTermMonths)
    throw refuseField('term_outside_product', 'term_months', { least: minTermMonths, most: maxTermMonths })
  if (lending.product.frequency === 'quarterly' && termMonths % 3 !== 0)
    throw refuseField('term_not_in_quarters', 'term_months', {})
  if (annualRate !== undefined && !isBetween(annualRate, lending.minAnnualRate, lending.maxAnnualRate)) {
    const range = { least: lending.minAnnualRate, most: lending.maxAnnualRate }
    throw refuseField('rate_outside_product', 'annual_rate', range)
  }
}

const isBetween = (rate: string, least: string, most: string): boolean =>
  compare(fractionOf(rate), fractionOf(least)) >= 0 && compare(fractionOf(rate), fractionOf(most)) <= 0

export type Entry = {
  loanId: string
  customerId: string
  enteredBy: string
  ownApplication: boolean
  /** How many loans the customer has open already. */
  openLoans: number
  at: Date
}

/** A new loan that waits for its decision, or the refusal of what breaks a limit. */
export const enter = (
  application: Application,
  assessment: Assessment,
  entry: Entry,
  rules: ApplicationRules,
): Loan => {
  const { loanId, customerId, enteredBy, ownApplication, openLoans, at } = entry
  if (ownApplication) assertWithinLimits(application, openLoans, rules)
  assertMeansStated(application, rules)
  return {
    _id: loanId,
    customerId,
    ...application,
    ...assessment,
    ...UNDECIDED,
    enteredBy,
    ownApplication,
    expiresAt: daysAfter(at, rules.offerDays),
    history: [{ step: 'apply', status: 'APPLIED', by: `user:${enteredBy}`, at, reason: null }],
    createdAt: at,
    updatedAt: at,
    version: 1,
  }
}

const UNDECIDED = {
  status: 'APPLIED',
  decision: 'PENDING',
  votes: [],
  decidedBy: null,
  decidedAt: null,
  decisionReason: null,
  withdrawal: null,
  disbursement: null,
  eventCount: 0,
  booked: null,
  summary: null,
  night: null,
} satisfies Partial<Loan>

const assertWithinLimits = (application: Application, openLoans: number, rules: ApplicationRules): void => {
  const { amountMinor, currency, termMonths } = application
  if (amountMinor > rules.maxAmountMinor) {
    throw refuseField('amount_above_limit', 'amount', { limit: formatAmount(rules.maxAmountMinor, currency) })
  }
  if (termMonths > rules.maxTermMonths)
    throw refuseField('term_above_limit', 'term_months', { limit: rules.maxTermMonths })
  if (openLoans >= rules.maxOpen) throw refuse('open_loans_limit', { open: openLoans, limit: rules.maxOpen })
}

// Not stating an income would otherwise be the way round the risk score.
const assertMeansStated = (application: Application, { unassessedMaxMinor }: ApplicationRules): void => {
  if (application.amountMinor <= unassessedMaxMinor) return
  const limit = formatAmount(unassessedMaxMinor, application.currency)
  if (application.incomeMinor === null) throw refuseField('income_required', 'income', { limit })
  if (application.expensesMinor === null) throw refuseField('income_required', 'expenses', { limit })
}
