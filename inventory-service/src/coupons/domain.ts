import { divideRounded } from '@countinghouse/shared/money'
import { refuse } from '../errors.js'

export const COUPON_KINDS = ['percent', 'fixed'] as const

/** A code that makes an order cheaper. */
export type Coupon = {
  /** The code, in capitals. */
  _id: string
  kind: (typeof COUPON_KINDS)[number]
  /** Hundredths of a per cent, or minor units. */
  value: bigint
  minimumMinor: bigint
  startsAt: Date | null
  endsAt: Date | null
  usesMax: number | null
  usesPerBuyerMax: number | null
  /** How many orders have it. */
  uses: number
  isActive: boolean
  version: number
  createdAt: Date
  updatedAt: Date
}

export type CouponFields = Omit<Coupon, '_id' | 'uses' | 'version' | 'createdAt' | 'updatedAt'>

/** One use of a coupon by a buyer, or one that a cancelled order gave back. */
export type CouponUse = { _id: string; code: string; userId: string; nth: number; orderNumber: string | null }

export const codeOf = (text: string): string => text.trim().toUpperCase()

export const createCoupon = (code: string, fields: CouponFields, now: Date): Coupon => ({
  ...{ _id: codeOf(code), ...fields, uses: 0 },
  ...{ version: 1, createdAt: now, updatedAt: now },
})

export const changeCoupon = (coupon: Coupon, changes: Partial<CouponFields>, now: Date): Coupon => ({
  ...coupon,
  ...changes,
  version: coupon.version + 1,
  updatedAt: now,
})

/** What it takes off a sum of prices. */
export const discountOf = ({ kind, value }: Pick<Coupon, 'kind' | 'value'>, subtotalMinor: bigint): bigint => {
  const wanted = kind === 'fixed' ? value : divideRounded(subtotalMinor * value, 10_000n, 'half_up')
  return wanted < subtotalMinor ? wanted : subtotalMinor
}

type Occasion = { subtotalMinor: bigint; usesByBuyer: number; now: Date }

/** Refuses a coupon that does not count for this order. */
export const assertUsable = (coupon: Coupon, { subtotalMinor, usesByBuyer, now }: Occasion): void => {
  const { _id: code, isActive, startsAt, endsAt, minimumMinor, usesMax, usesPerBuyerMax } = coupon
  if (!isActive || (startsAt && now < startsAt) || (endsAt && now >= endsAt)) throw refuse('coupon_not_valid', { code })
  if (subtotalMinor < minimumMinor) throw refuse('coupon_below_minimum', { code })
  if ((usesMax !== null && coupon.uses >= usesMax) || (usesPerBuyerMax !== null && usesByBuyer >= usesPerBuyerMax))
    throw refuse('coupon_used_up', { code })
}
