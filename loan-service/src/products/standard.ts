import { PLAIN_PRODUCT } from '../engine/terms.js'
import type { Offering } from './domain.js'

/** The product of loans for which nobody names another. */
export const STANDARD_ID = 'standard'

export const STANDARD: Offering = {
  name: 'Standard loan',
  description: 'Equal monthly instalments at 12 % a year, without fees',
  minAmountMinor: 1n,
  maxAmountMinor: null,
  minTermMonths: 1,
  maxTermMonths: 1200,
  annualRate: '12',
  minAnnualRate: '0',
  maxAnnualRate: '100',
  product: PLAIN_PRODUCT,
}
