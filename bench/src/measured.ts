import type { Figures } from './load.js'

export type Row = { name: string; figures: Figures; baseline?: string }
export type Aim = { what: string; aim: string; reached: number; met: boolean }
export type Measured = {
  title: string
  rows: Row[]
  facts: Record<string, string | number>
  aims: Aim[]
}

export const atLeast = (what: string, least: number, reached: number): Aim => ({
  ...{ what, reached, aim: `≥ ${least}` },
  met: reached >= least,
})
export const atMost = (what: string, most: number, reached: number): Aim => ({
  ...{ what, reached, aim: `≤ ${most}` },
  met: reached <= most,
})

export const figuresOf = (rows: readonly Row[], name: string): Figures => {
  const row = rows.find((one) => one.name === name)
  if (!row) throw new Error(`${name} was not measured`)
  return row.figures
}

/** How many times what another does in a second one does. */
export const ratioOf = (rows: readonly Row[], name: string, beside: string): number =>
  figuresOf(rows, name).perSecond / figuresOf(rows, beside).perSecond

export const toText = (value: number): string => value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)

export const HEAD = ['', 'per second', 'p50 ms', 'p99 ms', 'failed', 'ratio']
/** A row of the table, with its ratio to the baseline of the same run. */
export const toCells = (rows: readonly Row[], { name, figures, baseline }: Row): string[] => [
  ...[name, toText(figures.perSecond), toText(figures.p50Ms), toText(figures.p99Ms), figures.failed.toString()],
  baseline === undefined || baseline === name ? '' : `${toText(ratioOf(rows, name, baseline))} × ${baseline}`,
]

export const toAimCells = ({ what, aim, reached, met }: Aim): string[] => [
  ...[what, aim, toText(reached)],
  met ? 'met' : '**missed**',
]
