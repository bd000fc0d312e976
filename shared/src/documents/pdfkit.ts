import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** What is used of pdfkit, which comes without types. */
export interface PdfDocument extends AsyncIterable<Buffer> {
  addPage(): void
  end(): void
  registerFont(name: string, source: Buffer): void
  font(name: string): this
  fontSize(size: number): this
  fillColor(color: string, opacity?: number): this
  strokeColor(color: string): this
  lineWidth(width: number): this
  dash(lengths: readonly number[]): this
  undash(): this
  moveTo(x: number, y: number): this
  lineTo(x: number, y: number): this
  closePath(): this
  rect(x: number, y: number, width: number, height: number): this
  circle(x: number, y: number, radius: number): this
  stroke(): this
  fill(): this
  fillAndStroke(): this
  clip(): this
  save(): this
  restore(): this
  translate(x: number, y: number): this
  scale(factor: number): this
  rotate(degrees: number, options: { origin: [number, number] }): this
  text(
    text: string,
    x: number,
    y: number,
    options: { lineBreak?: boolean; width?: number; align?: 'left' | 'right' },
  ): this
  widthOfString(text: string): number
  heightOfString(text: string, options: { width: number }): number
}

type Options = {
  size: 'A4'
  layout: 'portrait' | 'landscape'
  margin: 0
  autoFirstPage: false
  font: string
  info: { Title: string; Author: string; CreationDate: Date; ModDate: Date }
}

const Pdf = require('pdfkit') as new (options: Options) => PdfDocument

// They have the signs of currencies, which the fonts built into readers lack.
const fontFile = (name: string): Buffer => readFileSync(require.resolve(`dejavu-fonts-ttf/ttf/${name}.ttf`))
let fonts: { plain: Buffer; bold: Buffer } | undefined

export const PLAIN = 'plain'
export const BOLD = 'bold'

export type PdfInfo = { readonly title: string; readonly madeAt: Date; readonly landscape?: boolean }

/** An empty document; the same content and time make the same file. */
export const openPdf = ({ title, madeAt, landscape = false }: PdfInfo): PdfDocument => {
  fonts ??= { plain: fontFile('DejaVuSans'), bold: fontFile('DejaVuSans-Bold') }
  const doc = new Pdf({
    ...{ size: 'A4', layout: landscape ? 'landscape' : 'portrait', margin: 0, autoFirstPage: false },
    font: '',
    info: { Title: title, Author: 'Countinghouse', CreationDate: madeAt, ModDate: madeAt },
  })
  doc.registerFont(PLAIN, fonts.plain)
  doc.registerFont(BOLD, fonts.bold)
  return doc
}
