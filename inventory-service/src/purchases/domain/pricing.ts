import { divideRounded } from '@countinghouse/shared/money'
import { BILL_MINOR_MAX } from '../../bills.js'
import { refuse } from '../../errors.js'

export type Priced = { quantity: number; unitPriceMinor: bigint }
/** In hundredths of a percent: 1800 is 18 %. */
export type Taxed = { taxRateBps: bigint }
export type Amounts = { netMinor: bigint; taxMinor: bigint }

/** The first so many units of a line: their price and the tax on it. Rounded on the sum, so that parts add up to the whole. */
export const amountsOf = ({ taxRateBps }: Taxed, { unitPriceMinor }: Priced, quantity: number): Amounts => {
  const netMinor = BigInt(quantity) * unitPriceMinor
  return { netMinor, taxMinor: divideRounded(netMinor * taxRateBps, 10_000n, 'half_up') }
}

/** The units of a line from one count to another. */
export const amountsBetween = (taxed: Taxed, line: Priced, { from, to }: { from: number; to: number }): Amounts => {
  const [before, after] = [amountsOf(taxed, line, from), amountsOf(taxed, line, to)]
  return { netMinor: after.netMinor - before.netMinor, taxMinor: after.taxMinor - before.taxMinor }
}

export const grossOf = ({ netMinor, taxMinor }: Amounts): bigint => netMinor + taxMinor

/** What the lines of an order come to; refuses more than a bill can say. */
export const orderTotalOf = (order: Taxed & { lines: readonly Priced[] }): bigint => {
  const totalMinor = sumOf(order.lines, (line) => grossOf(amountsOf(order, line, line.quantity)))
  if (totalMinor > BILL_MINOR_MAX) throw refuse('bill_too_large')
  return totalMinor
}

export const sumOf = <Part>(parts: readonly Part[], of: (part: Part) => bigint): bigint =>
  parts.reduce((sum, part) => sum + of(part), 0n)

export const addedUp = (parts: readonly Amounts[]): Amounts => ({
  netMinor: sumOf(parts, ({ netMinor }) => netMinor),
  taxMinor: sumOf(parts, ({ taxMinor }) => taxMinor),
})
