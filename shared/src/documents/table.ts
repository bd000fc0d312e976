import { toClock } from '../days.js'
import { formatAmount } from '../money.js'

/**
 * What a column holds: money is whole minor units in a bigint, a number a count or a measure, a share a fraction of one
 * (0.25 is 25 %), a day `2026-11-21`, a time an instant.
 */
export type ColumnKind = 'text' | 'money' | 'number' | 'share' | 'day' | 'time'
export type Cell = string | number | bigint | Date | null | undefined

export type Column = { readonly key: string; readonly title: string; readonly kind: ColumnKind }
export type Row = Readonly<Record<string, Cell>>

/** Rows under named columns, as every form of a document prints them. */
export type Table = {
  readonly columns: readonly Column[]
  readonly rows: Iterable<Row> | AsyncIterable<Row>
  /** Of money, unless a row says otherwise in `currency`. */
  readonly currency: string
  /** In whose clocks times are shown. */
  readonly zone: string
}

export const isNumeric = ({ kind }: Column): boolean => kind === 'money' || kind === 'number' || kind === 'share'

/** The currency of a row's money. */
export const currencyOf = (row: Row, { currency }: Pick<Table, 'currency'>): string =>
  typeof row['currency'] === 'string' ? row['currency'] : currency

type Printer = (column: Column, row: Row) => string

/** Prints cells for people: amounts with thousands apart, times by the clocks of the zone. */
export const cellPrinter = (table: Pick<Table, 'currency' | 'zone'>): Printer => {
  const clock = toClock(table.zone)
  return ({ key, kind }, row) => {
    const cell = row[key]
    if (cell === null || cell === undefined) return ''
    if (cell instanceof Date) return clock(cell).slice(0, 16).replace('T', ' ')
    if (kind === 'money') return grouped(formatAmount(cell as bigint, currencyOf(row, table)))
    if (kind === 'share') return `${grouped(decimal(Number(cell) * 100, 1))} %`
    return kind === 'number' ? grouped(decimal(Number(cell), 4)) : String(cell)
  }
}

/** `₹1,234.50`: an amount with the sign of its currency. */
export const printAmount = (amountMinor: bigint, currency: string): string => {
  const parts = new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
  }).formatToParts(0)
  const symbol = parts.find(({ type }) => type === 'currency')?.value ?? currency
  const amount = grouped(formatAmount(amountMinor < 0n ? -amountMinor : amountMinor, currency))
  return `${amountMinor < 0n ? '-' : ''}${symbol}${amount}`
}

/** `1234567.5` is `1,234,567.5`. */
const grouped = (number: string): string =>
  number.replace(/^(-?)(\d+)/, (_, sign: string, whole: string) => sign + whole.replace(/\B(?=(\d{3})+$)/g, ','))

const decimal = (value: number, places: number): string => String(Number(value.toFixed(places)))
