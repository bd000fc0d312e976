import { euApr, usApr, type Flows, type UnitPeriod } from './apr.js'
import { chargeOn } from './charges.js'
import type { Day } from './days.js'
import { least } from './running.js'
import { scheduleOf, type ScheduleRow } from './schedule.js'
import type { Frequency, Terms } from './terms.js'

const UNITS: Record<Frequency, UnitPeriod> = {
  weekly: { weeks: 1 },
  fortnightly: { weeks: 2 },
  four_weekly: { weeks: 4 },
  monthly: { months: 1 },
  quarterly: { months: 3 },
}

/** What a borrower is told before signing: what credit costs in all, as money and as yearly rates. */
export type Disclosure = {
  usApr: string
  euApr: string
  amountFinancedMinor: bigint
  totalOfPaymentsMinor: bigint
  financeChargeMinor: bigint
  schedule: ScheduleRow[]
}

export const disclosureOf = (terms: Terms, disbursedOn: Day): Disclosure => {
  const { originationFee, amountMinor, frequency } = terms
  const schedule = scheduleOf(terms, disbursedOn)
  const fee = originationFee ? least(chargeOn(originationFee.charge, amountMinor), amountMinor) : 0n
  const isDeducted = originationFee?.taken === 'deducted'
  const amountFinancedMinor = isDeducted ? amountMinor - fee : amountMinor
  const payments = schedule.map(({ dueDate, totalMinor }, index) => ({
    on: dueDate,
    amountMinor: totalMinor + (index === 0 && !isDeducted ? fee : 0n),
  }))
  const totalOfPaymentsMinor = payments.reduce((sum, payment) => sum + payment.amountMinor, 0n)
  const flows: Flows = { advances: [{ on: disbursedOn, amountMinor: amountFinancedMinor }], payments }
  return {
    usApr: usApr(flows, UNITS[frequency]),
    euApr: euApr(flows, UNITS[frequency]),
    amountFinancedMinor,
    totalOfPaymentsMinor,
    financeChargeMinor: totalOfPaymentsMinor - amountFinancedMinor,
    schedule,
  }
}
