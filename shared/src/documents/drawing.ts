import { escapeXml } from './xml.js'

/** A picture made of lines, areas and words, that prints alike as SVG and in a PDF. Measures are points; y grows downwards. */
export type Drawing = {
  readonly width: number
  readonly height: number
  /** What it shows, in words, for those who do not see it. */
  readonly description: string
  readonly shapes: readonly Shape[]
}

export type Point = readonly [x: number, y: number]

type Stroke = { readonly stroke?: string; readonly strokeWidth?: number; readonly dash?: readonly number[] }
type Fill = { readonly fill?: string; readonly opacity?: number }

export type Shape =
  | ({ readonly kind: 'path'; readonly points: readonly Point[]; readonly closed?: boolean } & Stroke & Fill)
  | ({ readonly kind: 'circle'; readonly at: Point; readonly radius: number } & Stroke & Fill)
  | {
      readonly kind: 'text'
      readonly text: string
      readonly at: Point
      readonly size: number
      readonly anchor?: 'start' | 'middle' | 'end'
      readonly bold?: boolean
      /** Reads from the bottom to the top. */
      readonly upwards?: boolean
    }

export const rectangle = ([x, y]: Point, width: number, height: number): readonly Point[] => [
  [x, y],
  [x + width, y],
  [x + width, y + height],
  [x, y + height],
]

export const SVG_TYPE = 'image/svg+xml'

export const toSvg = ({ width, height, description, shapes }: Drawing): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="DejaVu Sans, Verdana, sans-serif">` +
  `<title>${escapeXml(description)}</title><rect width="100%" height="100%" fill="#ffffff"/>${shapes.map(toElement).join('')}</svg>`

const toElement = (shape: Shape): string => {
  if (shape.kind === 'text') return textElement(shape)
  const { stroke = 'none', strokeWidth = 1, dash, fill = 'none', opacity = 1 } = shape
  const look = `fill="${fill}" fill-opacity="${opacity}" stroke="${stroke}" stroke-width="${strokeWidth}"${dash ? ` stroke-dasharray="${dash.join(' ')}"` : ''} stroke-linejoin="round"`
  if (shape.kind === 'circle')
    return `<circle cx="${at(shape.at[0])}" cy="${at(shape.at[1])}" r="${shape.radius}" ${look}/>`
  const data = shape.points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${at(x)} ${at(y)}`).join('')
  return `<path d="${data}${shape.closed ? 'Z' : ''}" ${look}/>`
}

const textElement = ({ text, at: [x, y], size, anchor = 'start', bold, upwards }: Shape & { kind: 'text' }): string =>
  `<text x="${at(x)}" y="${at(y)}" font-size="${size}" text-anchor="${anchor}" fill="#111111"` +
  `${bold ? ' font-weight="bold"' : ''}${upwards ? ` transform="rotate(-90 ${at(x)} ${at(y)})"` : ''}>${escapeXml(text)}</text>`

const at = (value: number): number => Math.round(value * 100) / 100
