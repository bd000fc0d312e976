import type { Drawing, Shape } from './drawing.js'
import { BOLD, PLAIN, type PdfDocument } from './pdfkit.js'

export type Spot = { x: number; y: number; scale: number }

/** Prints a drawing with its upper left corner at a spot. */
export const drawInPdf = (doc: PdfDocument, { shapes }: Drawing, { x, y, scale }: Spot): void => {
  doc.save().translate(x, y).scale(scale)
  for (const shape of shapes) {
    if (shape.kind === 'text') write(doc, shape)
    else draw(doc, shape)
  }
  doc.restore()
}

const draw = (doc: PdfDocument, shape: Exclude<Shape, { kind: 'text' }>): void => {
  const { stroke, strokeWidth = 1, dash, fill, opacity = 1 } = shape
  if (fill !== undefined) {
    trace(doc, shape).fillColor(fill, opacity).fill()
  }
  if (stroke === undefined) return
  trace(doc, shape).lineWidth(strokeWidth).strokeColor(stroke)
  if (dash) doc.dash(dash)
  doc.stroke().undash()
}

const trace = (doc: PdfDocument, shape: Exclude<Shape, { kind: 'text' }>): PdfDocument => {
  if (shape.kind === 'circle') return doc.circle(shape.at[0], shape.at[1], shape.radius)
  for (const [index, [x, y]] of shape.points.entries()) {
    if (index === 0) doc.moveTo(x, y)
    else doc.lineTo(x, y)
  }
  return shape.closed ? doc.closePath() : doc
}

const write = (
  doc: PdfDocument,
  { text, at, size, anchor = 'start', bold, upwards }: Shape & { kind: 'text' },
): void => {
  doc
    .font(bold ? BOLD : PLAIN)
    .fontSize(size)
    .fillColor('#111111', 1)
  const before = { start: 0, middle: 0.5, end: 1 }[anchor] * doc.widthOfString(text)
  doc.save()
  if (upwards) doc.rotate(-90, { origin: [at[0], at[1]] })
  // A drawing names the line that letters stand on, pdfkit takes their upper edge.
  doc.text(text, at[0] - before, at[1] - size * ASCENT, { lineBreak: false }).restore()
}

const ASCENT = 0.93
