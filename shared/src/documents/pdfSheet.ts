import { PLAIN, type PdfDocument, type PdfInfo } from './pdfkit.js'

const A4 = { short: 595.28, long: 841.89 }
const MARGIN = 40

/** Where a document is being printed: from the top of its page to the bottom, then on the next page. */
export interface Sheet {
  readonly doc: PdfDocument
  readonly left: number
  readonly width: number
  /** How much room is left on this page. */
  room(): number
  /** True when there is as much room left on this page. */
  fits(height: number): boolean
  newPage(): void
  /** Prints something of this height at the next free place, on a new page where this one is full. */
  take(height: number, print?: (y: number) => void): void
}

export const openSheet = (doc: PdfDocument, { title, landscape = false }: PdfInfo): Sheet => {
  const [width, height] = landscape ? [A4.long, A4.short] : [A4.short, A4.long]
  let [y, page] = [MARGIN, 0]
  const sheet: Sheet = {
    doc,
    left: MARGIN,
    width: width - 2 * MARGIN,
    room: () => height - MARGIN - y,
    fits: (needed) => needed <= sheet.room(),
    newPage: () => {
      doc.addPage()
      ;[y, page] = [MARGIN, page + 1]
      const [foot, number] = [height - MARGIN + 12, `Page ${page.toString()}`]
      doc.font(PLAIN).fontSize(7.5).fillColor('#555555').text(title, MARGIN, foot, { lineBreak: false })
      doc.text(number, width - MARGIN - doc.widthOfString(number), foot, { lineBreak: false })
    },
    take: (needed, print) => {
      if (!sheet.fits(needed) && y > MARGIN) sheet.newPage()
      const at = y
      y += needed
      print?.(at)
    },
  }
  sheet.newPage()
  return sheet
}
