import { formatAmount } from '@countinghouse/shared/money'
import { refuseField, refuse } from '../../errors.js'
import type { Application, Assessment, Loan } from './loan.js'

/** The limits of the house; the first three bind what borrowers apply for themselves, not what staff enter. */
export type ApplicationRules = {
  maxAmountMinor: bigint
  maxTermMonths: number
  maxOpen: number
  /** Up to this amount a loan may be asked for without stating income and expenses. */
  unassessedMaxMinor: bigint
}

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
    status: 'APPLIED',
    decision: 'PENDING',
    enteredBy,
    ownApplication,
    decidedBy: null,
    decidedAt: null,
    decisionReason: null,
    disbursement: null,
    history: [{ step: 'apply', status: 'APPLIED', by: `user:${enteredBy}`, at, reason: null }],
    createdAt: at,
    updatedAt: at,
    version: 1,
  }
}

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
