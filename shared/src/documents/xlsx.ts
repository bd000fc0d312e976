import { toClock } from '../days.js'
import { exponentOf, formatAmount } from '../money.js'
import { harmless } from './csv.js'
import { currencyOf, isNumeric, type Cell, type Column, type Row, type Table } from './table.js'
import { CONTENT_TYPES, RELATIONS, WORKBOOK_RELATIONS, stylesXml, workbookXml } from './xlsxParts.js'
import { escapeXml } from './xml.js'
import { toZip } from './zip.js'

export const XLSX_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

/**
 * A table as an Excel workbook of one sheet, row after row: numbers are numbers, days and times are dates by the clocks of
 * the table's zone. It needs no more memory for a million rows than for one.
 */
export const toXlsx = (name: string, table: Table): AsyncGenerator<Buffer> =>
  toZip([
    { name: '[Content_Types].xml', content: [CONTENT_TYPES] },
    { name: '_rels/.rels', content: [RELATIONS] },
    { name: 'xl/workbook.xml', content: [workbookXml(escapeXml(sheetName(name)))] },
    { name: 'xl/_rels/workbook.xml.rels', content: [WORKBOOK_RELATIONS] },
    { name: 'xl/styles.xml', content: [stylesXml] },
    { name: 'xl/worksheets/sheet1.xml', content: sheetXml(table) },
  ])

const CHUNK = 64 * 1024

async function* sheetXml(table: Table): AsyncGenerator<string> {
  const { columns, rows, zone } = table
  const clock = toClock(zone)
  const letters = columns.map((_, index) => lettersOf(index))
  let chunk = head(columns)
  let line = 1
  for await (const row of rows) {
    line += 1
    const cells = columns.map((column, index) =>
      cellXml(column, row, { table, clock, place: `${letters[index]}${line}` }),
    )
    chunk += `<row r="${line}">${cells.join('')}</row>`
    if (chunk.length < CHUNK) continue
    yield chunk
    chunk = ''
  }
  yield `${chunk}</sheetData></worksheet>`
}

const head = (columns: readonly Column[]): string => {
  const widths = columns.map(
    (column, index) => `<col min="${index + 1}" max="${index + 1}" width="${widthOf(column)}" customWidth="1"/>`,
  )
  const titles = columns.map(({ title }, index) => textCell(`${lettersOf(index)}1`, title, STYLES.title))
  return (
    '<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">' +
    '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>' +
    `<cols>${widths.join('')}</cols><sheetData><row r="1">${titles.join('')}</row>`
  )
}

/** A, B … Z, AA, AB …: how columns are called. */
const lettersOf = (index: number): string =>
  (index >= 26 ? lettersOf(Math.floor(index / 26) - 1) : '') + String.fromCharCode(65 + (index % 26))

const widthOf = (column: Column): number => Math.max(column.title.length + 2, isNumeric(column) ? 14 : 20)

/** Places in the list of cell formats; see `stylesXml`. */
const STYLES = { text: 0, title: 1, number: 2, share: 3, day: 4, time: 5, money: 6 } as const

type Context = { table: Table; clock: (instant: Date) => string; place: string }

const cellXml = (column: Column, row: Row, { table, clock, place }: Context): string => {
  const cell = row[column.key]
  if (cell === null || cell === undefined) return ''
  if (cell instanceof Date) return numberCell(place, serialOf(clock(cell).slice(0, 19)), STYLES.time)
  if (column.kind === 'money') {
    const currency = currencyOf(row, table)
    return numberCell(place, formatAmount(cell as bigint, currency), STYLES.money + exponentOf(currency))
  }
  return isNumeric(column)
    ? numberCell(place, cell, STYLES[column.kind as 'number'])
    : dayOrText(place, column, String(cell))
}

const dayOrText = (place: string, { kind }: Column, text: string): string =>
  kind === 'day' ? numberCell(place, serialOf(text), STYLES.day) : textCell(place, harmless(text), STYLES.text)

const numberCell = (place: string, value: Cell, style: number): string =>
  `<c r="${place}" s="${style}"><v>${String(value)}</v></c>`

const TEXT_MAX = 32_767

const textCell = (place: string, text: string, style: number): string =>
  `<c r="${place}" s="${style}" t="inlineStr"><is><t xml:space="preserve">${escapeXml(text.slice(0, TEXT_MAX))}</t></is></c>`

/** Days since the end of 1899, as Excel counts them. */
const serialOf = (shown: string): number => Date.parse(shown.length > 10 ? `${shown}Z` : shown) / 86_400_000 + 25_569

const sheetName = (name: string): string => name.replace(/[[\]:*?/\\]/g, ' ').slice(0, 31)
