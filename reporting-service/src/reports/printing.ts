import { CSV_TYPE, toCsv } from '@countinghouse/shared/documents/csv'
import { PDF_TYPE, toPdf, type Block } from '@countinghouse/shared/documents/pdf'
import { cellPrinter, type Row, type Table } from '@countinghouse/shared/documents/table'
import { XLSX_TYPE, toXlsx } from '@countinghouse/shared/documents/xlsx'
import { attachmentOf } from '@countinghouse/shared/files/port'
import { layOut, type Chart } from '../charts/chart.js'
import { z } from 'zod'
import { refuse } from '../errors.js'
import type { Report } from './definition.js'
import type { MadeReport } from './kept.js'

export const FORMATS = ['csv', 'xlsx', 'pdf'] as const
export type Format = (typeof FORMATS)[number]

export const TYPES: Record<Format, string> = { csv: CSV_TYPE, xlsx: XLSX_TYPE, pdf: PDF_TYPE }

/** The types of those files, as the OpenAPI document names them. */
export const FILE_TYPES = Object.values(TYPES).map((type) => type.split(';', 1)[0] as string)

export const FormatAsked = z.enum(['json', ...FORMATS]).default('json')

const PDF_ROWS_MAX = 10_000
const PORTRAIT_COLUMNS_MAX = 7

export type Print = {
  readonly report: Pick<Report, 'name' | 'title' | 'figures' | 'columns'>
  readonly made: MadeReport
  readonly rows?: Iterable<Row> | AsyncIterable<Row>
  readonly question: { readonly from?: string | undefined; readonly to?: string | undefined; readonly tz: string }
  readonly currency: string
  readonly chart?: Chart | undefined
}

/** A report as a file, made while it is sent. */
export const printReport = (print: Print, format: Format): AsyncIterable<string | Buffer> => {
  const { report, made, question, currency, rows = made.rows } = print
  const table = { columns: report.columns, rows, currency, zone: question.tz }
  if (format === 'csv') return toCsv(table)
  if (format === 'xlsx') return toXlsx(report.title, table)
  assertFitsPdf(made)
  const landscape = report.columns.length > PORTRAIT_COLUMNS_MAX
  return toPdf({ title: report.title, madeAt: made.generatedAt, landscape, blocks: blocksOf(print, table) })
}

const assertFitsPdf = ({ rows }: Pick<MadeReport, 'rows'>): void => {
  if (rows.length > PDF_ROWS_MAX) throw refuse('report_too_long', { rows_max: PDF_ROWS_MAX })
}

const blocksOf = ({ report, made, question, currency, chart }: Print, table: Table): Block[] => {
  const print = cellPrinter({ currency, zone: question.tz })
  const { from = 'the beginning', to = 'today', tz } = question
  const at = (instant: Date | undefined) => print({ key: 'at', title: '', kind: 'time' }, { at: instant })
  const facts: [string, string][] = [
    ['Period', `${from} to ${to} (${tz})`],
    ['Made at', at(made.generatedAt)],
    ['Complete up to', made.asOf ? at(made.asOf) : 'no event yet'],
    ['Amounts in', currency],
  ]
  const figures = report.figures.map((column): [string, string] => [column.title, print(column, made.figures)])
  return [
    { facts },
    { facts: figures.filter(([, value]) => value !== '') },
    ...(chart ? [{ drawing: layOut(chart) }] : []),
    { table },
  ]
}

export const fileNameOf = ({ report, question: { from, to } }: Print, format: Format): string =>
  `${[report.name, from, to].filter((part) => part !== undefined).join('-')}.${format}`

export const attachmentHeaders = (print: Print, format: Format): Record<string, string> => ({
  'content-disposition': attachmentOf(fileNameOf(print, format)),
})
