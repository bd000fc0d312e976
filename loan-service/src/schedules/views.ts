import { Day, Id, WireAmount } from '@countinghouse/shared/http/fields'
import { toWireAmount } from '@countinghouse/shared/money'
import { z } from 'zod'
import type { JournalEntry } from '../engine/journal.js'
import type { PayoffQuote } from '../engine/payoff.js'
import type { Parts } from '../engine/state.js'
import type { Loan } from '../loans/domain/loan.js'
import { DisclosureView, ScheduleRow } from '../loans/offer.js'

const PartsView = z.object({ penalties: WireAmount, fees: WireAmount, interest: WireAmount, principal: WireAmount })

export const ScheduleView = z.object({
  loan_id: Id,
  currency: z.string(),
  paid_out_on: Day.nullable().meta({ description: 'Null while the schedule is what an application would get today' }),
  disclosure: DisclosureView,
  rows: z.array(ScheduleRow),
})

export const PayoffView = z.object({
  loan_id: Id,
  currency: z.string(),
  on: Day,
  parts: PartsView,
  total: WireAmount,
  per_diem: WireAmount,
  valid_until: Day,
  days: z.array(z.object({ on: Day, total: WireAmount })),
})

export const StatementView = z.object({
  loan_id: Id,
  currency: z.string(),
  as_of: Day,
  entries: z.array(
    z.object({ on: Day, kind: z.string(), event_id: Id.nullable(), change: PartsView, outstanding: WireAmount }),
  ),
  outstanding: WireAmount,
})

const amountsIn = (currency: string) => (minor: bigint) => toWireAmount(minor, currency)

const partsView = ({ penalties, fees, interest, principal }: Parts, amount: (minor: bigint) => number) => ({
  penalties: amount(penalties),
  fees: amount(fees),
  interest: amount(interest),
  principal: amount(principal),
})

export const toPayoff = ({ _id, currency }: Loan, quote: PayoffQuote): z.input<typeof PayoffView> => {
  const amount = amountsIn(currency)
  return {
    loan_id: _id,
    currency,
    on: quote.on,
    parts: partsView(quote.parts, amount),
    total: amount(quote.totalMinor),
    per_diem: amount(quote.perDiemMinor),
    valid_until: quote.validUntil,
    days: quote.days.map(({ on, totalMinor }) => ({ on, total: amount(totalMinor) })),
  }
}

const RECEIVABLES = {
  loans_receivable: 'principal',
  interest_receivable: 'interest',
  fees_receivable: 'fees',
  penalties_receivable: 'penalties',
} as const

export const toStatement = (
  { _id, currency }: Loan,
  journal: readonly JournalEntry[],
  asOf: string,
): z.input<typeof StatementView> => {
  const amount = amountsIn(currency)
  return {
    loan_id: _id,
    currency,
    as_of: asOf,
    entries: journal.map(({ on, kind, eventId, lines, outstandingMinor }) => ({
      ...{ on, kind, event_id: eventId, outstanding: amount(outstandingMinor) },
      change: partsView(changeOf(lines), amount),
    })),
    outstanding: amount(journal.at(-1)?.outstandingMinor ?? 0n),
  }
}

/** By how much an entry changed what the borrower owes, in each part. */
const changeOf = (lines: JournalEntry['lines']): Parts => {
  const change: Parts = { penalties: 0n, fees: 0n, interest: 0n, principal: 0n }
  for (const { account, side, amountMinor } of lines) {
    const part = (RECEIVABLES as Partial<Record<string, keyof Parts>>)[account]
    if (part) change[part] += side === 'debit' ? amountMinor : -amountMinor
  }
  return change
}
