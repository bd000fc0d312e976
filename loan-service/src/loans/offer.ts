import { Day, WireAmount } from '@countinghouse/shared/http/fields'
import { toWireAmount } from '@countinghouse/shared/money'
import { z } from 'zod'
import { disclosureOf, type Disclosure } from '../engine/disclosure.js'
import type { LoanState } from '../engine/state.js'
import type { Application } from './domain/loan.js'
import { toTerms } from './domain/terms.js'

export const ScheduleRow = z.object({
  number: z.number(),
  due_date: Day,
  principal: WireAmount,
  interest: WireAmount,
  fees: WireAmount,
  penalties: WireAmount,
  total: WireAmount,
  open: WireAmount,
  balance: WireAmount,
  status: z.enum(['UPCOMING', 'DUE', 'LATE', 'PAID', 'RESCHEDULED']),
})

export const DisclosureView = z.object({
  us_apr: z.number().meta({ description: 'Regulation Z, Appendix J' }),
  eu_apr: z.number().meta({ description: 'Consumer credit directive' }),
  amount_financed: WireAmount,
  finance_charge: WireAmount,
  total_of_payments: WireAmount,
})

export const OfferView = DisclosureView.extend({ instalment: WireAmount, rows: z.array(ScheduleRow).optional() })

export const toDisclosure = (disclosure: Disclosure, currency: string): z.input<typeof DisclosureView> => ({
  us_apr: Number(disclosure.usApr),
  eu_apr: Number(disclosure.euApr),
  amount_financed: toWireAmount(disclosure.amountFinancedMinor, currency),
  finance_charge: toWireAmount(disclosure.financeChargeMinor, currency),
  total_of_payments: toWireAmount(disclosure.totalOfPaymentsMinor, currency),
})

/** The rows that an application would get, before anything is paid out. */
export const toOfferedRows = ({ schedule }: Disclosure, currency: string): z.input<typeof ScheduleRow>[] => {
  const amount = (minor: bigint) => toWireAmount(minor, currency)
  return schedule.map(({ number, dueDate, principalMinor, interestMinor, totalMinor, balanceMinor }) => ({
    ...{ number, due_date: dueDate, fees: 0, penalties: 0, status: 'UPCOMING' as const },
    principal: amount(principalMinor),
    interest: amount(interestMinor),
    total: amount(totalMinor),
    open: amount(totalMinor),
    balance: amount(balanceMinor),
  }))
}

/** What an application would get and cost if it were paid out on a day; the schedule on request, as it may be long. */
export const offerOf = (
  application: Application,
  { on, withRows }: { on: string; withRows: boolean },
): z.input<typeof OfferView> => {
  const disclosure = disclosureOf(toTerms(application), on)
  const rows = toOfferedRows(disclosure, application.currency)
  const instalment = rows.at(-2)?.total ?? rows[0]?.total ?? 0
  return { ...toDisclosure(disclosure, application.currency), instalment, ...(withRows && { rows }) }
}

/** The rows of a loan that is paid out, as they stand. */
export const toRows = ({ instalments }: LoanState, currency: string): z.input<typeof ScheduleRow>[] => {
  const amount = (minor: bigint) => toWireAmount(minor, currency)
  return instalments.map(({ number, dueDate, due, totalMinor, openMinor, balanceMinor, status }) => ({
    ...{ number, due_date: dueDate, status },
    ...{ principal: amount(due.principal), interest: amount(due.interest) },
    ...{ fees: amount(due.fees), penalties: amount(due.penalties) },
    total: amount(totalMinor),
    open: amount(openMinor),
    balance: amount(balanceMinor),
  }))
}
