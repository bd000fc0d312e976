import { setImmediate as turn } from 'node:timers/promises'
import { BOLD, PLAIN, type PdfDocument } from './pdfkit.js'
import type { Sheet } from './pdfSheet.js'
import { cellPrinter, isNumeric, type Column, type Row, type Table } from './table.js'

const SIZE = 8
const PADDING = 3
const SAMPLE = 100

type Place = { column: Column; x: number; width: number }
type Line = readonly string[]

/** Prints a table with its heading on each of its pages; what does not fit its column goes on below. */
export const printTable = async (sheet: Sheet, table: Table): Promise<void> => {
  const print = cellPrinter(table)
  const toLine = (row: Row): Line => table.columns.map((column) => print(column, row))
  let layout: { places: Place[]; count: number } | undefined
  const sample: Line[] = []
  const begin = () => {
    layout = { places: placesOf(sheet, table.columns, sample), count: 0 }
    printHeading(sheet, layout.places)
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

/** Widths by what the first rows need, narrowed or widened together to the width of the page. */
const placesOf = (sheet: Sheet, columns: readonly Column[], sample: readonly Line[]): Place[] => {
  const { doc, left, width } = sheet
  const needed = columns.map(({ title }, index) => {
    const titleWidth = doc.font(BOLD).fontSize(SIZE).widthOfString(title)
    doc.font(PLAIN)
    const widest = Math.max(titleWidth, ...sample.map((line) => doc.widthOfString(line[index] ?? '')))
    return Math.min(widest, width / 3) + 2 * PADDING + 2
  })
  const factor = width / needed.reduce((sum, one) => sum + one, 0)
  let x = left
  return columns.map((column, index) => {
    const place = { column, x, width: (needed[index] ?? 0) * factor }
    x += place.width
    return place
  })
}

const printHeading = (sheet: Sheet, places: readonly Place[]): void => {
  sheet.doc.font(BOLD).fontSize(SIZE)
  const titles = places.map(({ column }) => column.title)
  const height = heightOf(sheet.doc, places, titles)
  sheet.take(height, (y) => {
    sheet.doc.rect(sheet.left, y, sheet.width, height).fillColor('#e6e6e6').fill()
    sheet.doc.font(BOLD).fontSize(SIZE).fillColor('#111111')
    printCells(sheet.doc, places, titles, y)
  })
}

const printLine = (sheet: Sheet, layout: { places: Place[]; count: number }, line: Line): void => {
  const { doc, left, width } = sheet
  doc.font(PLAIN).fontSize(SIZE)
  const height = heightOf(doc, layout.places, line)
  if (!sheet.fits(height)) {
    sheet.newPage()
    printHeading(sheet, layout.places)
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

const heightOf = (doc: PdfDocument, places: readonly Place[], line: Line): number => {
  let height = SIZE * 1.17
  for (const [index, place] of places.entries()) {
    const text = line[index] ?? ''
    if (doc.widthOfString(text) > innerOf(place)) height = Math.max(height, doc.heightOfString(text, { width: innerOf(place) })) // prettier-ignore
  }
  return height + 2 * PADDING
}

const printCells = (doc: PdfDocument, places: readonly Place[], line: Line, y: number): void => {
  for (const [index, place] of places.entries()) {
    const text = line[index] ?? ''
    const free = innerOf(place) - doc.widthOfString(text)
    const at = place.x + PADDING + (isNumeric(place.column) && free > 0 ? free : 0)
    doc.text(text, at, y + PADDING, free < 0 ? { width: innerOf(place) } : { lineBreak: false })
  }
}
