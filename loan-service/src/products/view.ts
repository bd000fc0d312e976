import { Id, Timestamp, WireAmount } from '@countinghouse/shared/http/fields'
import { toWireAmount } from '@countinghouse/shared/money'
import { z } from 'zod'
import type { Charge, LateFee } from '../engine/terms.js'
import type { ProductVersion } from './domain.js'

const ChargeView = z.object({
  amount: WireAmount.optional(),
  percent: z.number().optional(),
  max: WireAmount.nullable().optional(),
})
const Late = { grace_days: z.number(), total_max: WireAmount.nullable() }

export const ProductView = z.object({
  id: Id,
  version: z.number(),
  name: z.string(),
  description: z.string().nullable(),
  currency: z.string(),
  min_amount: WireAmount,
  max_amount: WireAmount.nullable(),
  min_term_months: z.number(),
  max_term_months: z.number(),
  annual_rate: z.number(),
  min_annual_rate: z.number(),
  max_annual_rate: z.number(),
  method: z.string(),
  day_count: z.string(),
  frequency: z.string(),
  grace: z.object({
    principal_periods: z.number(),
    moratorium_periods: z.number(),
    moratorium_interest: z.string(),
  }),
  rounding: z.object({ smooth: z.boolean(), multiple_of: WireAmount }),
  origination_fee: z.object({ charge: ChargeView, taken: z.string() }).nullable(),
  late_fee: z.object({ charge: ChargeView, ...Late }).nullable(),
  penalty: z.object({ daily_percent: z.number(), ...Late }).nullable(),
  allocation: z.array(z.string()).readonly(),
  created_by: Id,
  created_at: Timestamp,
  replaced_at: Timestamp.nullable(),
})

export const toView = (version: ProductVersion): z.input<typeof ProductView> => {
  const { product, currency, minAmountMinor, maxAmountMinor } = version
  const wire = (minor: bigint) => toWireAmount(minor, currency)
  return {
    id: version.productId,
    version: version.version,
    name: version.name,
    description: version.description,
    currency,
    min_amount: wire(minAmountMinor),
    max_amount: maxAmountMinor === null ? null : wire(maxAmountMinor),
    min_term_months: version.minTermMonths,
    max_term_months: version.maxTermMonths,
    annual_rate: Number(version.annualRate),
    min_annual_rate: Number(version.minAnnualRate),
    max_annual_rate: Number(version.maxAnnualRate),
    ...termsView(version),
    allocation: product.allocation,
    created_by: version.createdBy,
    created_at: version.createdAt.toISOString(),
    replaced_at: version.replacedAt?.toISOString() ?? null,
  }
}

const termsView = ({ product, currency }: ProductVersion) => {
  const { method, dayCount, frequency, grace, rounding, originationFee, lateFee, penalty } = product
  return {
    method,
    day_count: dayCount,
    frequency,
    grace: {
      principal_periods: grace.principalPeriods,
      moratorium_periods: grace.moratoriumPeriods,
      moratorium_interest: grace.moratoriumInterest,
    },
    rounding: { smooth: rounding.smooth, multiple_of: toWireAmount(rounding.multipleOfMinor, currency) },
    origination_fee: originationFee && {
      charge: chargeView(originationFee.charge, currency),
      taken: originationFee.taken,
    },
    late_fee: lateFee && { charge: chargeView(lateFee.charge, currency), ...lateView(lateFee, currency) },
    penalty: penalty && { daily_percent: Number(penalty.dailyPercent), ...lateView(penalty, currency) },
  }
}

const lateView = ({ graceDays, totalMaxMinor }: Pick<LateFee, 'graceDays' | 'totalMaxMinor'>, currency: string) => ({
  grace_days: graceDays,
  total_max: totalMaxMinor === null ? null : toWireAmount(totalMaxMinor, currency),
})

const chargeView = (charge: Charge, currency: string) =>
  'flatMinor' in charge
    ? { amount: toWireAmount(charge.flatMinor, currency) }
    : {
        percent: Number(charge.percent),
        max: charge.maxMinor === null ? null : toWireAmount(charge.maxMinor, currency),
      }
