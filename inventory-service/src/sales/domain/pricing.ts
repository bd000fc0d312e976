import { divideRounded, splitByWeights } from '@countinghouse/shared/money'
import { BILL_MINOR_MAX } from '../../bills.js'
import { refuse } from '../../errors.js'
import type { SaleLine } from './sale.js'

export type AskedLine = {
  itemId: string
  quantity: number
  unitPriceMinor: bigint
  blowPriceMinor: bigint | null
  discountMinor: bigint
}

export type Asked = { lines: readonly AskedLine[]; discountMinor: bigint; taxRateBps: bigint }

export type PricedLine = AskedLine & Pick<SaleLine, 'totalMinor' | 'taxMinor'>

export type Priced = {
  lines: PricedLine[]
  subtotalMinor: bigint
  discountMinor: bigint
  taxMinor: bigint
  totalMinor: bigint
}

/** What a bill comes to: line totals, less the discounts of lines and bill, and the tax on what is left, line by line. */
export const priceSale = ({ lines, discountMinor, taxRateBps }: Asked): Priced => {
  const grossOf = ({ quantity, unitPriceMinor }: AskedLine): bigint => BigInt(quantity) * unitPriceMinor
  for (const line of lines) refuseDiscount(line.discountMinor, grossOf(line), line.itemId)
  const nets = lines.map((line) => grossOf(line) - line.discountMinor)
  refuseDiscount(discountMinor, sum(nets))
  const shares = discountMinor === 0n ? nets.map(() => 0n) : splitByWeights(discountMinor, nets)
  const priced = lines.map((line, index): PricedLine => {
    const share = shares[index] ?? 0n
    const taxed = (nets[index] ?? 0n) - share
    const taxMinor = divideRounded(taxed * taxRateBps, 10_000n, 'half_up')
    return { ...line, totalMinor: grossOf(line), discountMinor: line.discountMinor + share, taxMinor }
  })
  const subtotalMinor = sum(priced.map(({ totalMinor }) => totalMinor))
  const taxMinor = sum(priced.map((line) => line.taxMinor))
  const allDiscounts = sum(priced.map((line) => line.discountMinor))
  const totalMinor = subtotalMinor - allDiscounts + taxMinor
  if (totalMinor > BILL_MINOR_MAX) throw refuse('bill_too_large')
  return { lines: priced, subtotalMinor, discountMinor: allDiscounts, taxMinor, totalMinor }
}

const refuseDiscount = (discountMinor: bigint, priceMinor: bigint, itemId?: string): void => {
  if (discountMinor > 0n && discountMinor >= priceMinor)
    throw refuse('discount_above_price', itemId === undefined ? {} : { item_id: itemId })
}

export const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n)
