/** Numbers of documents, without a gap within each business day. */
export type Series = {
  prefix: string
  /** The business day, `2025-12-23`. */
  day: string
}

export const seriesId = ({ prefix, day }: Series): string => `${prefix}-${day}`

/** `SO-251223-0026`. */
export const numberIn = ({ prefix, day }: Series, count: number): string =>
  `${prefix}-${day.slice(2).replaceAll('-', '')}-${count.toString().padStart(4, '0')}`
