import { Page, rangeOf } from '@countinghouse/shared/http/page'
import { defineCollection } from '@countinghouse/shared/mongo/collection'
import { insertion, type CompanionWrite } from '@countinghouse/shared/mongo/companion'
import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
import { refuse } from '../errors.js'
import { COUPON_KINDS, type Coupon, type CouponUse } from './domain.js'

const name = { type: String, required: true }
const count = { type: Number, required: true }
const amount = { type: BigInt, required: true }
const moment = { type: Date, required: true }

export const coupons = defineCollection<Coupon>(
  'coupons',
  {
    kind: { type: String, enum: COUPON_KINDS, required: true },
    ...{ value: amount, minimumMinor: amount, startsAt: Date, endsAt: Date },
    ...{ usesMax: Number, usesPerBuyerMax: Number, uses: count, isActive: { type: Boolean, required: true } },
    ...{ version: count, createdAt: moment, updatedAt: moment },
  },
  { invariants: [{ $gte: ['$uses', 0] }, { $lte: ['$uses', { $ifNull: ['$usesMax', '$uses'] }] }] },
)

export const couponUses = defineCollection<CouponUse>(
  'coupon_uses',
  { ...{ code: name, userId: name, nth: count, orderNumber: String } },
  { indexes: [{ fields: { code: 1, userId: 1, nth: 1 }, options: { unique: true } }] },
)

export const findCoupon = (reads: Reads, code: string): Promise<Coupon | undefined> =>
  reads.findOne(coupons, { _id: code })

export const insertCoupon = (tx: Tx, coupon: Coupon): Promise<boolean> => tx.insertIfAbsent(coupons, coupon)

export const saveCoupon = (tx: Tx, coupon: Coupon): Promise<void> => tx.replace(coupons, coupon)

export const removeCoupon = (tx: Tx, code: string): Promise<number> => tx.remove(coupons, { _id: code })

export const findUses = (reads: Reads, code: string, userId: string): Promise<CouponUse[]> =>
  reads.find(couponUses, { code, userId }, { sort: { nth: 1 } })

export const listCoupons = async (reads: Reads, at: { page: number; page_size: number }): Promise<Page<Coupon>> => {
  const found = await reads.find(coupons, {}, { sort: { _id: 1 }, ...rangeOf(at) })
  return new Page(found, await reads.count(coupons, {}), at)
}

type Taking = { coupon: Coupon; uses: readonly CouponUse[]; userId: string; orderNumber: string }

/** Counts a use, by the coupon and by the buyer, with the order that it is for. */
export const takeCoupon = ({ coupon, uses, userId, orderNumber }: Taking): CompanionWrite[] => {
  const otherwise = () => refuse('coupon_used_up', { code: coupon._id })
  const free = uses.find((use) => use.orderNumber === null)
  const nth = uses.length + 1
  const fresh = { _id: `${coupon._id}:${userId}:${nth.toString()}`, code: coupon._id, userId, nth, orderNumber }
  return [
    {
      ...{ kind: 'update', into: coupons, otherwise, update: { $inc: { uses: 1 } } },
      filter: { _id: coupon._id, ...(coupon.usesMax !== null && { uses: { $lt: coupon.usesMax } }) },
    },
    free
      ? {
          ...{ kind: 'update', into: couponUses, otherwise, update: { $set: { orderNumber } } },
          filter: { _id: free._id, orderNumber: null },
        }
      : insertion(couponUses, fresh, otherwise),
  ]
}

/** Gives back the use that an order has; nothing when the coupon is gone meanwhile. */
export const giveBackCoupon = async (reads: Reads, code: string, orderNumber: string): Promise<CompanionWrite[]> => {
  const use = await reads.findOne(couponUses, { code, orderNumber })
  const coupon = await findCoupon(reads, code)
  if (!use || !coupon) return []
  const otherwise = () => new Error(`${orderNumber} no longer has a use of ${code}`)
  return [
    { ...{ kind: 'update', into: coupons, otherwise }, filter: { _id: code }, update: { $inc: { uses: -1 } } },
    {
      ...{ kind: 'update', into: couponUses, otherwise, update: { $set: { orderNumber: null } } },
      filter: { _id: use._id, orderNumber },
    },
  ]
}
