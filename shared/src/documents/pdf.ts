import type { Drawing } from './drawing.js'
import { drawInPdf } from './pdfDrawing.js'
import { BOLD, PLAIN, openPdf, type PdfDocument, type PdfInfo } from './pdfkit.js'
import { printTable } from './pdfTable.js'
import { openSheet, type Sheet } from './pdfSheet.js'
import type { Table } from './table.js'

export const PDF_TYPE = 'application/pdf'

/** A part of a document, below the one before it. */
export type Block =
  | { readonly heading: string }
  | { readonly text: string }
  /** Names and values, one pair a line. */
  | { readonly facts: readonly (readonly [name: string, value: string])[] }
  /** The same at the right edge, the last of them in bold: what a bill comes to. */
  | { readonly totals: readonly (readonly [name: string, value: string])[] }
  /** Lines of text in columns side by side, the first line of each in bold: seller and buyer. */
  | { readonly beside: readonly (readonly string[])[] }
  | { readonly table: Table }
  | { readonly drawing: Drawing }

export type PdfContent = PdfInfo & { readonly blocks: Iterable<Block> | AsyncIterable<Block> }

/** A document as PDF, with its title above, and below on each page again, with the page's number. */
export async function* toPdf({ blocks, ...info }: PdfContent): AsyncGenerator<Buffer> {
  const doc = openPdf(info)
  const sheet = openSheet(doc, info)
  printText(sheet, info.title, { font: BOLD, size: 16, gap: 8 })
  for await (const block of blocks) await printBlock(sheet, block)
  doc.end()
  yield* doc
}

const printBlock = async (sheet: Sheet, block: Block): Promise<void> => {
  if ('heading' in block) printText(sheet, block.heading, { font: BOLD, size: 11, gap: 4 })
  else if ('text' in block) printText(sheet, block.text, { font: PLAIN, size: 9, gap: 6 })
  else if ('facts' in block) printFacts(sheet, block.facts)
  else if ('totals' in block) printTotals(sheet, block.totals)
  else if ('beside' in block) printBeside(sheet, block.beside)
  else if ('table' in block) await printTable(sheet, block.table)
  else printDrawing(sheet, block.drawing)
}

type Look = { font: string; size: number; gap: number }

const printText = (sheet: Sheet, text: string, { font, size, gap }: Look): void => {
  const { doc, left, width } = sheet
  doc.font(font).fontSize(size)
  const height = doc.heightOfString(text, { width })
  sheet.take(height + gap, (y) => doc.font(font).fontSize(size).fillColor('#111111').text(text, left, y, { width }))
}

const LINE = 13
const NAME_WIDTH = 130

const printFacts = (sheet: Sheet, facts: readonly (readonly [string, string])[]): void => {
  const names = line(sheet.doc, PLAIN)
  const width = Math.max(NAME_WIDTH, ...facts.map(([name]) => names.widthOfString(name) + 10))
  for (const [name, value] of facts)
    sheet.take(LINE, (y) => {
      line(sheet.doc, PLAIN, '#555555').text(name, sheet.left, y, { lineBreak: false })
      line(sheet.doc, PLAIN).text(value, sheet.left + width, y, { lineBreak: false })
    })
  sheet.take(6)
}

const printTotals = (sheet: Sheet, totals: readonly (readonly [string, string])[]): void => {
  const right = sheet.left + sheet.width
  for (const [index, [name, value]] of totals.entries())
    sheet.take(LINE, (y) => {
      const doc = line(sheet.doc, index === totals.length - 1 ? BOLD : PLAIN)
      doc.text(name, right - 220, y, { lineBreak: false })
      doc.text(value, right - doc.widthOfString(value), y, { lineBreak: false })
    })
  sheet.take(6)
}

const printBeside = (sheet: Sheet, columns: readonly (readonly string[])[]): void => {
  const width = sheet.width / columns.length
  const rows = Math.max(0, ...columns.map(({ length }) => length))
  sheet.take(rows * LINE + 8, (y) => {
    for (const [place, lines] of columns.entries())
      for (const [index, text] of lines.entries())
        line(sheet.doc, index === 0 ? BOLD : PLAIN).text(text, sheet.left + place * width, y + index * LINE, { lineBreak: false }) // prettier-ignore
  })
}

const line = (doc: PdfDocument, font: string, color = '#111111'): PdfDocument =>
  doc.font(font).fontSize(9).fillColor(color)

const printDrawing = (sheet: Sheet, drawing: Drawing): void => {
  const wide = Math.min(1, sheet.width / drawing.width)
  // Rather somewhat smaller than on the next page.
  const high = (sheet.room() - 8) / drawing.height
  const scale = high > 0.6 * wide ? Math.min(wide, high) : wide
  sheet.take(drawing.height * scale + 8, (y) => {
    drawInPdf(sheet.doc, drawing, { x: sheet.left, y, scale })
  })
}
