import { fractionOf, rounded } from '@countinghouse/shared/fraction'
import { least } from './running.js'
import type { Charge } from './terms.js'

/** What a charge comes to on an amount. */
export const chargeOn = (charge: Charge, amount: bigint): bigint => {
  if ('flatMinor' in charge) return charge.flatMinor
  const { numerator, denominator } = fractionOf(charge.percent)
  const fee = rounded({ numerator, denominator: denominator * 100n }, amount, 'half_even')
  return charge.maxMinor === null ? fee : least(fee, charge.maxMinor)
}
