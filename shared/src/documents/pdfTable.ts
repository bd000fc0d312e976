import { setImmediate as turn } from 'node:timers/promises'
import { BOLD, PLAIN, type PdfDocument } from './pdfkit.js'
import type { Sheet } from './pdfSheet.js'
import { cellPrinter, type Column, type Row, type Table } from './table.js'

const SIZE = 8
const SMALLEST = 5.5
const TEXT_LEAST = 60
const PADDING = 3
// A heading does not stand alone at the foot of a page.
const HEADING_ROOM = 80
const SAMPLE = 100

type Place = { column: Column; x: number; width: number }
type Line = readonly string[]
type Layout = { size: number; places: Place[]; count: number }

const isText = ({ kind }: Column): boolean => kind === 'text'

/** Prints a table with its heading on each of its pages; what does not fit its column goes on below. */
export const printTable = async (sheet: Sheet, table: Table): Promise<void> => {
  const print = cellPrinter(table)
  const toLine = (row: Row): Line => table.columns.map((column) => print(column, row))
  let layout: Layout | undefined
  const sample: Line[] = []
  const begin = () => {
    layout = layOut(sheet, table.columns, sample)
    if (sample.length > 0 && !sheet.fits(HEADING_ROOM)) sheet.newPage()
    printHeading(sheet, layout)
    for (const line of sample) printLine(sheet, layout, line)
  }
  for await (const row of table.rows) {
    const line = toLine(row)
    if (layout) {
      printLine(sheet, layout, line)
      if (layout.count % SAMPLE === 0) await turn()
    } else if (sample.push(line) === SAMPLE) begin()
  }
  if (!layout) begin()
  sheet.take(8)
}

/**
 * Widths by what the first rows need, widened or narrowed together to the width of the page; no word of a title is broken and
 * no number or date, for which the letters become smaller where the columns are many.
 */
const layOut = (sheet: Sheet, columns: readonly Column[], sample: readonly Line[]): Layout => {
  for (let size = SIZE; ; size -= 0.5) {
    const needs = columns.map((column, index) => needOf(sheet, column, { size, cells: sample.map((line) => line[index] ?? '') })) // prettier-ignore
    const least = sum(needs.map((need) => need.least))
    if (least > sheet.width && size > SMALLEST) continue
    const wanted = sum(needs.map((need) => need.wanted))
    const isTight = least < sheet.width && wanted > sheet.width
    const part = isTight ? (sheet.width - least) / (wanted - least) : 1
    const factor = isTight ? 1 : sheet.width / wanted
    const widths = needs.map((need) => (need.least + (need.wanted - need.least) * part) * factor)
    const places = columns.map((column, index) => ({ column, x: sheet.left + sum(widths.slice(0, index)), width: widths[index] ?? 0 })) // prettier-ignore
    return { size, places, count: 0 }
  }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

const needOf = ({ doc, width }: Sheet, column: Column, { size, cells }: { size: number; cells: readonly string[] }) => {
  const widest = (font: string, words: readonly string[]) => {
    doc.font(font).fontSize(size)
    return Math.max(0, ...words.map((word) => doc.widthOfString(word)))
  }
  const whole = isText(column) ? cells.flatMap((cell) => cell.split(' ')) : cells
  const least = Math.max(widest(BOLD, column.title.split(' ')), widest(PLAIN, whole))
  const wanted = Math.max(widest(BOLD, [column.title]), widest(PLAIN, cells))
  const padded = (needed: number) => Math.min(needed, width / 3) + 2 * PADDING + 2
  return { least: padded(Math.min(least, isText(column) ? TEXT_LEAST : least)), wanted: padded(wanted) }
}

const printHeading = (sheet: Sheet, { places, size }: Layout): void => {
  sheet.doc.font(BOLD).fontSize(size)
  const titles = places.map(({ column }) => column.title)
  const height = heightOf(sheet.doc, { places, size }, titles)
  sheet.take(height, (y) => {
    sheet.doc.rect(sheet.left, y, sheet.width, height).fillColor('#e6e6e6').fill()
    sheet.doc.font(BOLD).fontSize(size).fillColor('#111111')
    printCells(sheet.doc, places, titles, y)
  })
}

const printLine = (sheet: Sheet, layout: Layout, line: Line): void => {
  const { doc, left, width } = sheet
  doc.font(PLAIN).fontSize(layout.size)
  const height = heightOf(doc, layout, line)
  if (!sheet.fits(height)) {
    sheet.newPage()
    printHeading(sheet, layout)
    doc.font(PLAIN)
  }
  layout.count += 1
  sheet.take(height, (y) => {
    doc.fillColor('#111111')
    printCells(doc, layout.places, line, y)
    doc.moveTo(left, y + height).lineTo(left + width, y + height).lineWidth(0.4).strokeColor('#cccccc').stroke() // prettier-ignore
  })
}

const innerOf = ({ width }: Place): number => width - 2 * PADDING

const heightOf = (doc: PdfDocument, { places, size }: Omit<Layout, 'count'>, line: Line): number => {
  let height = size * 1.17
  for (const [index, place] of places.entries()) {
    const text = line[index] ?? ''
    if (doc.widthOfString(text) > innerOf(place)) height = Math.max(height, doc.heightOfString(text, { width: innerOf(place) })) // prettier-ignore
  }
  return height + 2 * PADDING
}

const printCells = (doc: PdfDocument, places: readonly Place[], line: Line, y: number): void => {
  for (const [index, place] of places.entries()) {
    const text = line[index] ?? ''
    const [free, align] = [innerOf(place) - doc.widthOfString(text), isText(place.column) ? 'left' : 'right'] as const
    const at = place.x + PADDING + (align === 'right' && free > 0 ? free : 0)
    doc.text(text, at, y + PADDING, free < 0 ? { width: innerOf(place), align } : { lineBreak: false })
  }
}
