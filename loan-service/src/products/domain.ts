import { compare, fractionOf } from '@countinghouse/shared/fraction'
import type { Product } from '../engine/terms.js'
import { refuseField } from '../errors.js'

/** What a product lends and at which rate; percentages a year as decimal strings. */
export type Offering = {
  name: string
  description: string | null
  minAmountMinor: bigint
  /** Null where the product sets no limit of its own. */
  maxAmountMinor: bigint | null
  minTermMonths: number
  maxTermMonths: number
  /** The rate of a loan for which staff name no other, within the range that they may. */
  annualRate: string
  minAnnualRate: string
  maxAnnualRate: string
  /** How its loans are computed. */
  product: Product
}

/** One version of a product: never changed, only followed by the next. It is current until `replacedAt`. */
export type ProductVersion = Offering & {
  _id: string
  productId: string
  version: number
  currency: string
  createdBy: string
  createdAt: Date
  replacedAt: Date | null
}

export type Making = { productId: string; currency: string; by: string; at: Date }

export const firstVersion = (offering: Offering, making: Making): ProductVersion => versionOf(offering, making, 1)

export const nextVersion = (current: ProductVersion, offering: Offering, { by, at }: Pick<Making, 'by' | 'at'>) =>
  versionOf(offering, { productId: current.productId, currency: current.currency, by, at }, current.version + 1)

const versionOf = (offering: Offering, { productId, currency, by, at }: Making, version: number): ProductVersion => {
  assertConsistent(offering)
  const made = { createdBy: by, createdAt: at, replacedAt: null }
  return { _id: versionId(productId, version), productId, version, currency, ...offering, ...made }
}

export const versionId = (productId: string, version: number): string => `${productId}:${version.toString()}`

const assertConsistent = (offering: Offering): void => {
  const { minAmountMinor, maxAmountMinor, minTermMonths, maxTermMonths } = offering
  const { annualRate, minAnnualRate, maxAnnualRate } = offering
  if (maxAmountMinor !== null && maxAmountMinor < minAmountMinor) throw refuseField('range_reversed', 'max_amount', {})
  if (maxTermMonths < minTermMonths) throw refuseField('range_reversed', 'max_term_months', {})
  if (isBelow(maxAnnualRate, minAnnualRate)) throw refuseField('range_reversed', 'max_annual_rate', {})
  if (isBelow(annualRate, minAnnualRate) || isBelow(maxAnnualRate, annualRate))
    throw refuseField('rate_outside_product', 'annual_rate', { least: minAnnualRate, most: maxAnnualRate })
}

const isBelow = (one: string, other: string): boolean => compare(fractionOf(one), fractionOf(other)) < 0
