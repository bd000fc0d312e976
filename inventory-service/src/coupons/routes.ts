import { endpoint } from '@countinghouse/shared/http/endpoint'
import { nonNegativeAmountIn, pageQuery, Timestamp, WireAmount } from '@countinghouse/shared/http/fields'
import { toWireAmount } from '@countinghouse/shared/money'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { z } from 'zod'
import { addCoupon, deleteCoupon, editCoupon, getCoupon } from './commands.js'
import type { Coupon, CouponFields } from './domain.js'
import { listCoupons } from './store.js'

export type Deps = { db: Connection; now: () => Date; currency: string }

const tag = 'Coupons'
const access = ['admin'] as const
const params = z.object({ code: z.string().max(40) })
const Code = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{2,29}$/, 'use 3 to 30 letters, digits, dashes')
const limit = z.number().int().min(1).max(1_000_000_000).nullable()

const fieldsIn = (currency: string) => ({
  percent: z
    .number()
    .gt(0)
    .max(100)
    .multipleOf(0.01)
    .nullable()
    .meta({ description: 'What it takes off, in per cent' }),
  amount: nonNegativeAmountIn(currency).nullable().meta({ description: 'Or what it takes off, as an amount' }),
  minimum: nonNegativeAmountIn(currency),
  starts_at: Timestamp.nullable(),
  ends_at: Timestamp.nullable(),
  max_uses: limit,
  max_uses_per_customer: limit,
  active: z.boolean(),
})

const bodyIn = (currency: string) => {
  const fields = fieldsIn(currency)
  return z
    .strictObject({
      code: Code,
      ...{ percent: fields.percent.default(null), amount: fields.amount.default(null) },
      minimum: fields.minimum.prefault(0),
      ...{ starts_at: fields.starts_at.default(null), ends_at: fields.ends_at.default(null) },
      ...{
        max_uses: limit.default(null),
        max_uses_per_customer: limit.default(null),
        active: z.boolean().default(true),
      },
    })
    .refine(({ percent, amount }) => (percent === null) !== (amount === null), 'give either percent or amount')
}

const CouponView = z.object({
  ...{ code: z.string(), percent: z.number().nullable(), amount: WireAmount.nullable(), minimum: WireAmount },
  ...{ currency: z.string(), starts_at: Timestamp.nullable(), ends_at: Timestamp.nullable() },
  ...{ max_uses: limit, max_uses_per_customer: limit, uses: z.number().int(), active: z.boolean() },
  ...{ version: z.number(), created_at: Timestamp, updated_at: Timestamp },
})

const exampleBody = { code: 'WELCOME10', percent: 10, minimum: 20, max_uses: 100, max_uses_per_customer: 1 }
const exampleView = {
  ...{ ...exampleBody, amount: null, currency: 'USD', starts_at: null, ends_at: null, uses: 0, active: true },
  ...{ version: 1, created_at: '2026-11-21T09:30:00.000Z', updated_at: '2026-11-21T09:30:00.000Z' },
}

export const couponEndpoints = (deps: Deps) => [...readingEndpoints(deps), ...writingEndpoints(deps)]

const readingEndpoints = ({ db, currency }: Deps) => [
  endpoint({
    method: 'get',
    path: '/coupons',
    summary: 'List coupons by code',
    ...{ tag, access },
    query: z.object(pageQuery),
    view: CouponView,
    list: true,
    example: { view: [exampleView] },
    handle: async ({ query }) => (await listCoupons(readsOn(db), query)).map((coupon) => toView(coupon, currency)),
  }),
  endpoint({
    method: 'get',
    path: '/coupons/:code',
    summary: 'Read a coupon',
    ...{ tag, access },
    params,
    view: CouponView,
    refusals: ['coupon_not_found'],
    example: { view: exampleView },
    handle: async ({ params: { code } }) => toView(await getCoupon(readsOn(db), code), currency),
  }),
]

const writingEndpoints = (deps: Deps) => [addEndpoint(deps), editEndpoint(deps), deleteEndpoint()]

const addEndpoint = ({ now, currency }: Deps) =>
  endpoint({
    method: 'post',
    path: '/coupons',
    summary: 'Add a coupon',
    ...{ tag, access, status: 201, idempotent: true },
    body: bodyIn(currency),
    view: CouponView,
    refusals: ['coupon_exists'],
    example: { body: exampleBody, view: exampleView },
    handle: ({ body: { code, percent, amount, ...rest }, once }) =>
      once(async (tx) => {
        const worth = {
          kind: percent === null ? ('fixed' as const) : ('percent' as const),
          value: amount ?? inHundredths(percent ?? 0),
        }
        return toView(await addCoupon(tx, code, { ...worth, ...toFields(rest) } as CouponFields, now()), currency)
      }),
  })

const editEndpoint = ({ now, currency }: Deps) => {
  const { percent: _percent, amount: _amount, ...changeable } = fieldsIn(currency)
  return endpoint({
    method: 'patch',
    path: '/coupons/:code',
    summary: 'Change when and how often a coupon counts',
    ...{ tag, access },
    params,
    body: z.strictObject(changeable).partial(),
    view: CouponView,
    refusals: ['coupon_not_found', 'coupon_used_more', 'version_conflict'],
    example: { body: { active: false }, view: { ...exampleView, active: false, version: 2 } },
    handle: ({ params: { code }, body, ifMatch, once }) =>
      once(async (tx) => toView(await editCoupon(tx, { code, changes: toFields(body), ifMatch }, now()), currency)),
  })
}

const deleteEndpoint = () =>
  endpoint({
    method: 'delete',
    path: '/coupons/:code',
    summary: 'Delete a coupon that no order has',
    ...{ tag, access, status: 204 },
    params,
    view: z.void(),
    refusals: ['coupon_not_found', 'coupon_used_more'],
    handle: ({ params: { code }, once }) => once((tx) => deleteCoupon(tx, code)),
  })

const inHundredths = (percent: number): bigint => BigInt(Math.round(percent * 100))

type Changeable = Partial<Omit<z.output<ReturnType<typeof bodyIn>>, 'code' | 'percent' | 'amount'>>

const toFields = ({
  minimum,
  starts_at,
  ends_at,
  max_uses,
  max_uses_per_customer,
  active,
}: { [Name in keyof Changeable]: Changeable[Name] | undefined }): Partial<CouponFields> => ({
  ...(minimum !== undefined && { minimumMinor: minimum }),
  ...(starts_at !== undefined && { startsAt: toDate(starts_at) }),
  ...(ends_at !== undefined && { endsAt: toDate(ends_at) }),
  ...(max_uses !== undefined && { usesMax: max_uses }),
  ...(max_uses_per_customer !== undefined && { usesPerBuyerMax: max_uses_per_customer }),
  ...(active !== undefined && { isActive: active }),
})

const toDate = (text: string | null): Date | null => (text === null ? null : new Date(text))

const toView = (coupon: Coupon, currency: string): z.input<typeof CouponView> => ({
  code: coupon._id,
  percent: coupon.kind === 'percent' ? Number(coupon.value) / 100 : null,
  amount: coupon.kind === 'fixed' ? toWireAmount(coupon.value, currency) : null,
  minimum: toWireAmount(coupon.minimumMinor, currency),
  currency,
  ...{ starts_at: coupon.startsAt?.toISOString() ?? null, ends_at: coupon.endsAt?.toISOString() ?? null },
  ...{ max_uses: coupon.usesMax, max_uses_per_customer: coupon.usesPerBuyerMax, uses: coupon.uses },
  ...{ active: coupon.isActive, version: coupon.version },
  ...{ created_at: coupon.createdAt.toISOString(), updated_at: coupon.updatedAt.toISOString() },
})
