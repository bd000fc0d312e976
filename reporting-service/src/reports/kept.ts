import { currencyOf, type Cell, type Column, type Row } from '@countinghouse/shared/documents/table'
import { Day, Timestamp, WireAmount } from '@countinghouse/shared/http/fields'
import { toWireAmount } from '@countinghouse/shared/money'
import { z } from 'zod'
import type { Figures, Report } from './definition.js'

/** A report as it was made once, with the time up to which it knew all that happened. */
export type MadeReport = Figures & { readonly generatedAt: Date; readonly asOf: Date | undefined }

type Kept = { generatedAt: string; asOf: string | undefined; figures: object; rows: object[] }

/** A report as text: amounts as digits, instants by the clock of UTC; `fromText` reads it by the columns. */
export const toText = ({ generatedAt, asOf, figures, rows }: MadeReport): string =>
  JSON.stringify({ generatedAt, asOf, figures, rows }, (_, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  )

export const fromText = (kept: string, { figures, columns }: Pick<Report, 'figures' | 'columns'>): MadeReport => {
  const found = JSON.parse(kept) as Kept
  return {
    generatedAt: new Date(found.generatedAt),
    asOf: found.asOf === undefined ? undefined : new Date(found.asOf),
    figures: readRow(found.figures as Row, figures),
    rows: found.rows.map((row) => readRow(row as Row, columns)),
  }
}

const readRow = (row: Row, columns: readonly Column[]): Row => {
  const read: Record<string, Cell> = { ...row }
  for (const { key, kind } of columns) {
    const cell = row[key]
    if (typeof cell !== 'string') continue
    if (kind === 'money') read[key] = BigInt(cell)
    else if (kind === 'time') read[key] = new Date(cell)
  }
  return read
}

/** A row as JSON has it: amounts in the currency's major unit. */
export const toWireRow = (row: Row, columns: readonly Column[], currency: string): Record<string, unknown> =>
  Object.fromEntries(
    columns.map(({ key, kind }) => {
      const cell = row[key] ?? null
      if (cell === null) return [key, null]
      if (cell instanceof Date) return [key, cell.toISOString()]
      return [key, kind === 'money' ? toWireAmount(cell as bigint, currencyOf(row, { currency })) : cell]
    }),
  )

const FIELDS = { text: z.string(), money: WireAmount, number: z.number(), share: z.number(), day: Day, time: Timestamp }

export const viewOf = (columns: readonly Column[]): Record<string, z.ZodType> =>
  Object.fromEntries(columns.map(({ key, kind, title }) => [key, FIELDS[kind].nullable().meta({ description: title })]))
