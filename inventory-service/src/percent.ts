import { nonNegativeAmountIn } from '@countinghouse/shared/http/fields'
import { toWireAmount } from '@countinghouse/shared/money'

/** Percent with two decimals, read as amounts are: exactly, into hundredths. */
export const Percent = nonNegativeAmountIn('USD').refine(
  (bps) => bps <= 10_000n,
  'ensure this value is less than or equal to 100',
)

/** Hundredths of a percent as the number that a person reads. */
export const toPercent = (bps: bigint): number => toWireAmount(bps, 'USD')
