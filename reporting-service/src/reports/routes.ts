import type { Column, Row } from '@countinghouse/shared/documents/table'
import { SVG_TYPE, toSvg } from '@countinghouse/shared/documents/drawing'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Timestamp, Day, TimeZone } from '@countinghouse/shared/http/fields'
import { rangeOf } from '@countinghouse/shared/http/page'
import { refuse } from '@countinghouse/shared/refusal'
import { Streamed } from '@countinghouse/shared/http/stream'
import { z } from 'zod'
import { layOut } from '../charts/chart.js'
import { periodQuery } from '../period.js'
import { readingOf, type Report } from './definition.js'
import { toWireRow, viewOf, type MadeReport } from './kept.js'
import { chartOf, maskedFor, questionOf } from './asking.js'
import { getReport, type MakingDeps, type Question } from './making.js'
import { FILE_TYPES, FormatAsked, TYPES, attachmentHeaders, printReport } from './printing.js'

const PAGE_SIZE_MAX = 100

const Whole = z.number().int()
const query = (report: Report, timeZone: string) => z.object({ ...periodQuery(timeZone), ...report.params })
const fresh = z.enum(['true', 'false']).default('false').meta({ description: 'Made anew, for administrators' })
const paging = {
  page: z.coerce.number().int().min(1).max(1_000_000).default(1),
  page_size: z.coerce
    .number()
    .int()
    .min(1)
    .default(100)
    .transform((size) => Math.min(size, PAGE_SIZE_MAX)),
}

/** Each report under its name, as JSON, CSV, XLSX and PDF, and the picture of those that have one. */
export const reportEndpoints = (deps: MakingDeps, reports: readonly Report[]) => [
  ...reports.map((report) => readEndpoint(deps, report)),
  ...reports.filter(({ chart }) => chart).map((report) => chartEndpoint(deps, report)),
]

const readEndpoint = (deps: MakingDeps, report: Report) =>
  endpoint({
    ...{
      method: 'get',
      path: `/reports/${report.name}`,
      summary: report.summary,
      tag: 'Reports',
      access: report.access,
      reads: readingOf(report),
    },
    query: query(report, deps.timeZone).extend({ format: FormatAsked, fresh, ...paging }),
    view: ViewOf(report),
    streams: FILE_TYPES,
    refusals: ['report_too_long'],
    example: { view: exampleOf(report, deps) },
    handle: async ({ query: asked, caller }) => {
      const question = questionOf(asked, report, caller)
      if (asked.fresh === 'true' && question.caller.role !== 'admin') throw refuse('forbidden')
      const made = maskedFor(await getReport(deps, report, question, asked.fresh === 'true'), report, question)
      const currency = question.params['currency'] ?? deps.currency
      if (asked.format === 'json') return toView(made, report, { question, currency, at: asked })
      const chart = asked.format === 'pdf' ? await chartOf(deps, report, { made, question }) : undefined
      const print = { report, made, question, currency, chart }
      return new Streamed(TYPES[asked.format], printReport(print, asked.format), attachmentHeaders(print, asked.format))
    },
  })

const chartEndpoint = (deps: MakingDeps, report: Report) =>
  endpoint({
    ...{ method: 'get', path: `/reports/${report.name}/chart.svg`, tag: 'Reports', access: report.access },
    reads: readingOf(report),
    summary: `${report.title}, as a picture`,
    query: query(report, deps.timeZone),
    view: z.string(),
    streams: [SVG_TYPE],
    handle: async ({ query: asked, caller }) => {
      const question = questionOf(asked, report, caller)
      const made = maskedFor(await getReport(deps, report, question), report, question)
      const chart = await chartOf(deps, report, { made, question })
      return new Streamed(SVG_TYPE, once(chart ? toSvg(layOut(chart)) : ''))
    },
  })

async function* once(text: string): AsyncGenerator<string> {
  yield text
}

const ViewOf = ({ figures, columns }: Report) =>
  z.object({
    from: Day.nullable(),
    to: Day.nullable(),
    tz: TimeZone,
    currency: z.string(),
    ...viewOf(figures),
    rows: z.array(z.object(viewOf(columns))),
    page: Whole,
    page_size: Whole,
    total_rows: Whole,
    next_page: Whole.nullable(),
    prev_page: Whole.nullable(),
    generated_at: Timestamp.meta({ description: 'When the figures were made; a report may be kept for an hour' }),
    as_of: Timestamp.nullable().meta({ description: 'The time of the newest event that the figures contain' }),
  })

type Shown = { question: Question; currency: string; at: { page: number; page_size: number } }

const toView = (made: MadeReport, { figures, columns }: Report, { question, currency, at }: Shown) => {
  const wire = (row: Row, as: readonly Column[]) => toWireRow(row, as, currency)
  const { skip, limit } = rangeOf(at)
  const { from = null, to = null, tz } = question
  return {
    ...{ from, to, tz, currency, ...wire(made.figures, figures) },
    rows: made.rows.slice(skip, skip + limit).map((row) => wire(row, columns)),
    ...{ page: at.page, page_size: at.page_size, total_rows: made.rows.length },
    next_page: skip + limit < made.rows.length ? at.page + 1 : null,
    prev_page: at.page > 1 ? at.page - 1 : null,
    generated_at: made.generatedAt.toISOString(),
    as_of: made.asOf?.toISOString() ?? null,
  }
}

const exampleOf = ({ example }: Report, { timeZone, currency }: MakingDeps) => ({
  ...{ from: '2026-11-01', to: '2026-11-30', tz: timeZone, currency, ...example.figures, rows: [example.row] },
  ...{ page: 1, page_size: 100, total_rows: 1, next_page: null, prev_page: null },
  ...{ generated_at: '2026-11-21T09:30:00.120Z', as_of: '2026-11-21T09:29:59.870Z' },
})
