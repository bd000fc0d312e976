import { divideRounded } from '@countinghouse/shared/money'
import type { Frequency, Terms } from '../../engine/terms.js'
import type { Application } from './loan.js'

/** How many periods make a year. */
const PERIODS: Record<Frequency, bigint> = {
  weekly: 52n,
  fortnightly: 26n,
  four_weekly: 13n,
  monthly: 12n,
  quarterly: 4n,
}

/** How many instalments a term of months has: of weeks, as many as come nearest. */
const instalmentsOf = (termMonths: number, frequency: Frequency): number =>
  Number(divideRounded(BigInt(termMonths) * PERIODS[frequency], 12n, 'half_up'))

/** What the engine computes a loan by: its product version and what was agreed. */
export const toTerms = (loan: Pick<Application, keyof Application>): Terms => ({
  ...loan.product,
  amountMinor: loan.amountMinor,
  currency: loan.currency,
  annualRate: loan.annualRate,
  instalments: instalmentsOf(loan.termMonths, loan.product.frequency),
  firstDueDate: null,
})
