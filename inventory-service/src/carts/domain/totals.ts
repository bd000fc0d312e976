import { divideRounded, splitByWeights } from '@countinghouse/shared/money'
import { discountOf, type Coupon } from '../../coupons/domain.js'

/** What the shop adds to prices. */
export type ShopTerms = {
  /** Hundredths of a per cent. */
  taxRate: bigint
  shippingMinor: bigint
  /** From that sum of goods on nothing is asked for shipping; null for never. */
  freeShippingFromMinor: bigint | null
}

export type LineTotals = { subtotalMinor: bigint; discountMinor: bigint; taxMinor: bigint; totalMinor: bigint }

export type Totals = {
  lines: LineTotals[]
  subtotalMinor: bigint
  discountMinor: bigint
  taxMinor: bigint
  shippingMinor: bigint
  totalMinor: bigint
}

type Line = { quantity: number; unitPriceMinor: bigint }

/**
 * What goods come to. Discount and tax are rounded once, for the whole, and then shared out to the lines by largest
 * remainder, so that the lines add up to the order to the cent.
 */
export const totalsOf = (
  lines: readonly Line[],
  coupon: Pick<Coupon, 'kind' | 'value'> | undefined,
  { taxRate, shippingMinor: fee, freeShippingFromMinor }: ShopTerms,
): Totals => {
  const subtotals = lines.map(({ quantity, unitPriceMinor }) => unitPriceMinor * BigInt(quantity))
  const subtotalMinor = sum(subtotals)
  const discountMinor = coupon ? discountOf(coupon, subtotalMinor) : 0n
  const discounts = shareOut(discountMinor, subtotals)
  const nets = subtotals.map((subtotal, index) => subtotal - (discounts[index] ?? 0n))
  const taxMinor = divideRounded(sum(nets) * taxRate, 10_000n, 'half_up')
  const taxes = shareOut(taxMinor, nets)
  const isFree = lines.length === 0 || (freeShippingFromMinor !== null && sum(nets) >= freeShippingFromMinor)
  const shippingMinor = isFree ? 0n : fee
  return {
    lines: subtotals.map((subtotal, index) => {
      const [discount, tax] = [discounts[index] ?? 0n, taxes[index] ?? 0n]
      return { subtotalMinor: subtotal, discountMinor: discount, taxMinor: tax, totalMinor: subtotal - discount + tax }
    }),
    ...{ subtotalMinor, discountMinor, taxMinor, shippingMinor },
    totalMinor: subtotalMinor - discountMinor + taxMinor + shippingMinor,
  }
}

const shareOut = (totalMinor: bigint, weights: readonly bigint[]): bigint[] =>
  sum(weights) === 0n ? weights.map(() => 0n) : splitByWeights(totalMinor, weights)

export const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n)
