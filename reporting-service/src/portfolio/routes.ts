import { LOAN_DECISIONS, LOAN_STATUSES } from '@countinghouse/shared/contracts/loan'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Day, TimeZone, Timestamp, WireAmount } from '@countinghouse/shared/http/fields'
import { toWireAmount } from '@countinghouse/shared/money'
import { standingOf } from '@countinghouse/shared/messaging/copy'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { z } from 'zod'
import { periodQuery, toPeriod } from '../period.js'
import { reportPortfolio, type PortfolioReport } from './commands.js'

export type Deps = { db: Connection; now: () => Date; currency: string; timeZone: string }

const PROJECTION = 'portfolio'

const Count = z.number().int()

const PortfolioView = z.object({
  from: Day.nullable(),
  to: Day.nullable(),
  tz: TimeZone,
  total: Count,
  by_status: z.record(z.enum(LOAN_DECISIONS), Count).meta({ description: 'By decision; withdrawn counts as rejected' }),
  by_lifecycle: z.record(z.enum(LOAN_STATUSES), Count),
  avg_risk_score: z.number().meta({ description: 'To four decimals, as the scores themselves' }),
  sum_amount: WireAmount.meta({ description: 'Of the loans in `currency`; for the others see `by_currency`' }),
  currency: z.string(),
  by_currency: z.record(z.string(), z.object({ total: Count, sum_amount: WireAmount })),
  generated_at: Timestamp,
  as_of: Timestamp.nullable().meta({ description: 'The time of the newest event that the figures contain' }),
})

const exampleView = {
  from: null,
  to: null,
  tz: 'Asia/Kolkata',
  total: 15,
  by_status: { PENDING: 5, APPROVED: 6, REJECTED: 4 },
  by_lifecycle: { APPLIED: 5, APPROVED: 0, ACTIVE: 6, CLOSED: 0, REJECTED: 3, WITHDRAWN: 1, WRITTEN_OFF: 0 },
  avg_risk_score: 0.45,
  sum_amount: 487000,
  currency: 'USD',
  by_currency: { USD: { total: 15, sum_amount: 487000 } },
  generated_at: '2026-11-21T09:30:00.120Z',
  as_of: '2026-11-21T09:30:00.000Z',
}

export const portfolioEndpoints = ({ db, now, currency, timeZone }: Deps) => [
  endpoint({
    method: 'get',
    path: '/reports/portfolio',
    summary: 'The loans applied for in a period, always current',
    tag: 'Reports',
    access: ['admin'],
    query: z.object(periodQuery(timeZone)),
    view: PortfolioView,
    example: { view: exampleView },
    handle: async ({ query }) => {
      const { reads } = await standingOf(readsOn(db), PROJECTION)
      const report = await reportPortfolio(reads, toPeriod(query))
      const { from = null, to = null, tz } = query
      return { from, to, tz, ...toView(report, currency), generated_at: now().toISOString() }
    },
  }),
]

const toView = (report: PortfolioReport, currency: string) => ({
  total: report.total,
  by_status: report.byStatus,
  by_lifecycle: report.byLifecycle,
  avg_risk_score: Number(report.averageRiskTenThousandths) / 10_000,
  sum_amount: toWireAmount(report.byCurrency[currency]?.amountMinor ?? 0n, currency),
  currency,
  by_currency: Object.fromEntries(
    Object.entries(report.byCurrency).map(([code, { loans, amountMinor }]) => [
      code,
      { total: loans, sum_amount: toWireAmount(amountMinor, code) },
    ]),
  ),
  as_of: report.asOf?.toISOString() ?? null,
})
