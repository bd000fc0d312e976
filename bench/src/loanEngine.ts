import type { LoanEvent } from '@countinghouse/loan-service/engine/events'
import { fold } from '@countinghouse/loan-service/engine/fold'
import { payoffQuote } from '@countinghouse/loan-service/engine/payoff'
import { scheduleOf } from '@countinghouse/loan-service/engine/schedule'
import { PLAIN_PRODUCT, type Terms } from '@countinghouse/loan-service/engine/terms'
import { runLoad } from './load.js'
import type { Row } from './measured.js'

const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 5)
const START = '2026-01-31'

const terms: Terms = {
  ...PLAIN_PRODUCT,
  amountMinor: 25_000_00n,
  currency: 'USD',
  annualRate: '12',
  instalments: 36,
  firstDueDate: null,
  lateFee: { charge: { flatMinor: 25_00n }, graceDays: 5, totalMaxMinor: 500_00n },
  penalty: { dailyPercent: '0.05', graceDays: 3, totalMaxMinor: 1_000_00n },
}
const mortgage: Terms = { ...terms, amountMinor: 350_000_00n, annualRate: '6', instalments: 360 }

/** A life paid in time, with extra payments in 7 of 18 months that re-solve all that follows. */
const lifeOf = (loan: Terms, count: number): LoanEvent[] => {
  const payments = scheduleOf(loan, START).flatMap(({ dueDate, totalMinor }, index) => {
    const regular = { on: dueDate, amountMinor: totalMinor, excess: 'next_instalment' as const }
    const extra = { on: `${dueDate.slice(0, 8)}28`, amountMinor: 5_00n, excess: 'reduce_instalment' as const }
    return index % 18 < 7 ? [extra, regular] : [regular]
  })
  const first = { kind: 'disbursed' as const, on: START, amountMinor: loan.amountMinor }
  return [first, ...payments.map((payment) => ({ kind: 'repaid' as const, ...payment }))]
    .slice(0, count)
    .map((event, index) => ({ id: `e${index}`, sequence: index, ...event }))
}

const floatSchedule = (): number[][] => {
  const rate = 0.01
  const instalment = (25_000 * rate) / (1 - (1 + rate) ** -36)
  let balance = 25_000
  return Array.from({ length: 36 }, () => {
    const interest = Math.round(balance * rate * 100) / 100
    balance -= instalment - interest
    return [instalment - interest, interest, balance]
  })
}

/** The engine alone, in this process: no server takes part. */
export const measureEngine = async (): Promise<{ rows: Row[]; facts: Record<string, number> }> => {
  const measure = async (name: string, work: () => unknown, baseline?: string): Promise<Row> => {
    console.log(name)
    const load = { clients: 1, seconds: SECONDS, work: async () => void work() }
    await runLoad({ ...load, seconds: 0.5 })
    return { name, figures: await runLoad(load), ...(baseline !== undefined && { baseline }) }
  }
  const events = lifeOf(mortgage, 500)
  const short = lifeOf(terms, 13)
  const rows = [
    await measure('floating point, 36 rows', floatSchedule),
    await measure('schedule, 36 rows', () => scheduleOf(terms, START), 'floating point, 36 rows'),
    await measure('replay, 36 instalments', () => fold(terms, short, '2027-02-01')),
    await measure('replay, 360 instalments', () => fold(mortgage, events, '2056-02-01')),
    await measure('payoff quote, ten days', () => payoffQuote(terms, short, '2027-02-01')),
  ]
  return { rows, facts: { 'events of the long replay': events.length } }
}
