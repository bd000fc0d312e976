import { gauge } from '@countinghouse/shared/metrics'
import type { Connection } from 'mongoose'
import { gapProblem, problemsOf, type Problem } from './domain.js'
import { gather, itemIds, seriesOf, type Numbered } from './store.js'

export type Deps = { db: Connection; numbered: readonly Numbered[] }

export type Checked = {
  items: number
  series: number
  /** Items that changed all the time while they were looked at. */
  unsettled: number
  /** The first of them, and how many there are. */
  problems: Problem[]
  problemCount: number
}

const found = gauge('stock_check_problems', 'Problems that the last check of the stock found')

const PROBLEMS_MAX = 100

/** Derives each level from its moves, layers and reservations, and looks for gaps in the numbers. */
export const checkStock = async ({ db, numbered }: Deps, signal?: AbortSignal): Promise<Checked> => {
  const checked: Checked = { items: 0, series: 0, unsettled: 0, problems: [], problemCount: 0 }
  const note = (problems: readonly Problem[]): void => {
    checked.problemCount += problems.length
    checked.problems.push(...problems.slice(0, PROBLEMS_MAX - checked.problems.length))
  }
  for await (const { _id } of itemIds(db)) {
    if (signal?.aborted) return checked
    const evidence = await gather(db, _id)
    if (evidence) note(problemsOf(evidence))
    checked[evidence ? 'items' : 'unsettled']++
  }
  for await (const { series, last, documents } of seriesOf(db, numbered)) {
    note(gapProblem(series, last, documents))
    checked.series++
  }
  found.set(checked.problemCount)
  return checked
}
