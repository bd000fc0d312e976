import { refuse as refuseCommon } from '@countinghouse/shared/refusal'
import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
import { refuse } from '../errors.js'
import { changeCoupon, codeOf, createCoupon, type Coupon, type CouponFields } from './domain.js'
import { findCoupon, insertCoupon, removeCoupon, saveCoupon } from './store.js'

export const addCoupon = async (tx: Tx, code: string, fields: CouponFields, now: Date): Promise<Coupon> => {
  const coupon = createCoupon(code, fields, now)
  if (!(await insertCoupon(tx, coupon))) throw refuse('coupon_exists', { code: coupon._id })
  return coupon
}

export const getCoupon = async (reads: Reads, text: string): Promise<Coupon> => {
  const coupon = await findCoupon(reads, codeOf(text))
  if (!coupon) throw refuse('coupon_not_found', { code: text })
  return coupon
}

export type CouponChange = { code: string; changes: Partial<CouponFields>; ifMatch: number | undefined }

export const editCoupon = async (tx: Tx, { code, changes, ifMatch }: CouponChange, now: Date): Promise<Coupon> => {
  const coupon = await getCoupon(tx, code)
  if (ifMatch !== undefined && ifMatch !== coupon.version) throw refuseCommon('version_conflict')
  const changed = changeCoupon(coupon, changes, now)
  if (changed.usesMax !== null && changed.usesMax < coupon.uses) throw refuse('coupon_used_more', { uses: coupon.uses })
  await saveCoupon(tx, changed)
  return changed
}

/** One that orders have is made inactive instead. */
export const deleteCoupon = async (tx: Tx, code: string): Promise<void> => {
  const coupon = await getCoupon(tx, code)
  if (coupon.uses > 0) throw refuse('coupon_used_more', { uses: coupon.uses })
  await removeCoupon(tx, coupon._id)
}
