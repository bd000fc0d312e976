import { Readable } from 'node:stream'
import { LOAN_DECISIONS, LOAN_STATUSES } from '@countinghouse/shared/contracts/loan'
import { SVG_TYPE, toSvg } from '@countinghouse/shared/documents/drawing'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Day, TimeZone, Timestamp, WireAmount } from '@countinghouse/shared/http/fields'
import { Streamed } from '@countinghouse/shared/http/stream'
import { toWireAmount } from '@countinghouse/shared/money'
import { standingOf } from '@countinghouse/shared/messaging/copy'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { z } from 'zod'
import { layOut } from '../charts/chart.js'
import { periodQuery, toPeriod } from '../period.js'
import {
  FILE_TYPES,
  FormatAsked,
  TYPES,
  attachmentHeaders,
  printReport,
  type Format,
  type Print,
} from '../reports/printing.js'
import { reportPortfolio, type PortfolioReport } from './commands.js'
import { figuresOf, portfolioChart, portfolioTable, rowOf } from './printing.js'

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

export const portfolioEndpoints = (deps: Deps) => [
  endpoint({
    method: 'get',
    path: '/reports/portfolio',
    reads: { data: 'financial', of: 'report', is: 'portfolio' },
    summary: 'The loans applied for in a period, always current',
    tag: 'Reports',
    access: ['admin'],
    query: z.object({ ...periodQuery(deps.timeZone), format: FormatAsked }),
    view: PortfolioView,
    streams: FILE_TYPES,
    example: { view: exampleView },
    handle: async ({ query }) => {
      const report = await currentPortfolio(deps, query)
      if (query.format !== 'json') return toFile(deps, report, { ...query, format: query.format })
      const { from = null, to = null, tz } = query
      return { from, to, tz, ...toView(report, deps.currency), generated_at: deps.now().toISOString() }
    },
  }),
  endpoint({
    method: 'get',
    path: '/reports/portfolio/chart.svg',
    reads: { data: 'financial', of: 'report', is: 'portfolio' },
    summary: 'Loan portfolio, as a picture',
    tag: 'Reports',
    access: ['admin'],
    query: z.object(periodQuery(deps.timeZone)),
    view: z.string(),
    streams: [SVG_TYPE],
    handle: async ({ query }) =>
      new Streamed(SVG_TYPE, Readable.from([toSvg(layOut(portfolioChart(await currentPortfolio(deps, query))))])),
  }),
]

const currentPortfolio = async ({ db }: Deps, query: Parameters<typeof toPeriod>[0]): Promise<PortfolioReport> => {
  const { reads } = await standingOf(readsOn(db), PROJECTION)
  return reportPortfolio(reads, toPeriod(query))
}

const toFile = (
  { now, currency }: Deps,
  report: PortfolioReport,
  { format, ...question }: Print['question'] & { format: Format },
) => {
  const { asOf, groups } = report
  const made = { figures: figuresOf(report, currency), rows: groups.map(rowOf), generatedAt: now(), asOf }
  const print = { report: portfolioTable, made, question, currency, chart: portfolioChart(report) }
  return new Streamed(TYPES[format], printReport(print, format), attachmentHeaders(print, format))
}

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
