import { nonNegativeAmountIn, positiveAmountIn, text } from '@countinghouse/shared/http/fields'
import { z } from 'zod'
import type { Charge, Product } from '../engine/terms.js'
import { Rate } from '../rate.js'
import type { Offering } from './domain.js'

const PARTS = ['penalties', 'fees', 'interest', 'principal'] as const
const Periods = z.number().int().min(0).max(600)
const Days = z.number().int().min(0).max(365)
const Months = z.number().int().min(1).max(1200)

const plainFields = {
  name: text(100),
  description: text(1000).nullable(),
  min_term_months: Months,
  max_term_months: Months,
  annual_rate: Rate,
  min_annual_rate: Rate,
  max_annual_rate: Rate,
  method: z.enum(['equal_instalment', 'equal_principal', 'flat']),
  day_count: z.enum(['THIRTY_360', 'ACT_365F', 'ACT_360', 'ACT_ACT_ISDA']),
  frequency: z.enum(['weekly', 'fortnightly', 'four_weekly', 'monthly', 'quarterly']),
  grace: z.strictObject({
    principal_periods: Periods.default(0),
    moratorium_periods: Periods.default(0),
    moratorium_interest: z.enum(['accrue', 'waive']).default('accrue'),
  }),
  allocation: z.array(z.enum(PARTS)).refine((parts) => parts.length === 4 && new Set(parts).size === 4, {
    message: `name each of ${PARTS.join(', ')} once`,
  }),
}

/** A fixed amount, or a percentage of what it is charged on with at most `max`. */
const chargeIn = (currency: string) =>
  z.union([
    z
      .strictObject({ amount: nonNegativeAmountIn(currency) })
      .transform(({ amount }): Charge => ({ flatMinor: amount })),
    z
      .strictObject({ percent: Rate, max: positiveAmountIn(currency).nullable().default(null) })
      .transform(({ percent, max }): Charge => ({ percent, maxMinor: max })),
  ])

const lateIn = (currency: string) => ({
  grace_days: Days.default(0),
  total_max: positiveAmountIn(currency).nullable().default(null),
})

/** The fields of a product as admins write them. */
export const productFieldsIn = (currency: string) => ({
  ...plainFields,
  min_amount: positiveAmountIn(currency),
  max_amount: positiveAmountIn(currency).nullable(),
  rounding: z.strictObject({ smooth: z.boolean().default(false), multiple_of: positiveAmountIn(currency) }),
  origination_fee: z
    .strictObject({ charge: chargeIn(currency), taken: z.enum(['deducted', 'added']).default('deducted') })
    .nullable(),
  late_fee: z.strictObject({ charge: chargeIn(currency), ...lateIn(currency) }).nullable(),
  penalty: z.strictObject({ daily_percent: Rate, ...lateIn(currency) }).nullable(),
})

type Fields = z.output<z.ZodObject<ReturnType<typeof productFieldsIn>>>
export type ProductInput = { [Name in keyof Fields]?: Fields[Name] | undefined }

/** What an input says of an offering, over the one it changes or begins from. */
export const toOffering = (input: ProductInput, base: Offering): Offering => ({
  name: input.name ?? base.name,
  description: input.description === undefined ? base.description : input.description,
  minAmountMinor: input.min_amount ?? base.minAmountMinor,
  maxAmountMinor: input.max_amount === undefined ? base.maxAmountMinor : input.max_amount,
  minTermMonths: input.min_term_months ?? base.minTermMonths,
  maxTermMonths: input.max_term_months ?? base.maxTermMonths,
  annualRate: input.annual_rate ?? base.annualRate,
  minAnnualRate: input.min_annual_rate ?? base.minAnnualRate,
  maxAnnualRate: input.max_annual_rate ?? base.maxAnnualRate,
  product: toProduct(input, base.product),
})

const toProduct = (input: ProductInput, base: Product): Product => ({
  method: input.method ?? base.method,
  dayCount: input.day_count ?? base.dayCount,
  frequency: input.frequency ?? base.frequency,
  allocation: input.allocation ?? base.allocation,
  originationFee: input.origination_fee === undefined ? base.originationFee : input.origination_fee,
  grace: input.grace
    ? {
        principalPeriods: input.grace.principal_periods,
        moratoriumPeriods: input.grace.moratorium_periods,
        moratoriumInterest: input.grace.moratorium_interest,
      }
    : base.grace,
  rounding: input.rounding
    ? { smooth: input.rounding.smooth, multipleOfMinor: input.rounding.multiple_of }
    : base.rounding,
  lateFee:
    input.late_fee === undefined
      ? base.lateFee
      : input.late_fee && { charge: input.late_fee.charge, ...toLate(input.late_fee) },
  penalty:
    input.penalty === undefined
      ? base.penalty
      : input.penalty && { dailyPercent: input.penalty.daily_percent, ...toLate(input.penalty) },
})

const toLate = ({
  grace_days: graceDays,
  total_max: totalMaxMinor,
}: {
  grace_days: number
  total_max: bigint | null
}) => ({
  graceDays,
  totalMaxMinor,
})
