import { toClock } from '../days.js'
import { formatAmount } from '../money.js'
import { currencyOf, type Column, type Row, type Table } from './table.js'

export const CSV_TYPE = 'text/csv; charset=utf-8'

/** A table as CSV, one line after another; it needs no more memory for a million rows than for one. */
export async function* toCsv(table: Table): AsyncGenerator<string> {
  const { columns, rows, zone } = table
  const clock = toClock(zone)
  yield csvLine(columns.map(({ key }) => key))
  for await (const row of rows) yield csvLine(columns.map((column) => fieldOf(column, row, { table, clock })))
}

type Context = { table: Table; clock: (instant: Date) => string }

const fieldOf = ({ key, kind }: Column, row: Row, { table, clock }: Context): string | Text => {
  const cell = row[key]
  if (cell === null || cell === undefined) return ''
  if (cell instanceof Date) return clock(cell)
  if (kind === 'money') return formatAmount(cell as bigint, currencyOf(row, table))
  return typeof cell === 'string' ? { text: cell } : String(cell)
}

/** One line of RFC 4180. A text that a spreadsheet would run as a formula is kept from it by an apostrophe. */
export const csvLine = (fields: readonly (string | Text)[]): string =>
  `${fields.map((field) => csvField(typeof field === 'string' ? field : harmless(field.text))).join()}\r\n`

/** A field that somebody wrote, as against one that we print ourselves. */
export type Text = { text: string }

/** A text that no spreadsheet takes for a formula. */
export const harmless = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text)
const csvField = (field: string): string => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)
