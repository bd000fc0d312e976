import type { NewTerms } from './events.js'
import { gridOf, isInterestFree, type Grid } from './grid.js'
import { solveInstalment, type Rest } from './instalment.js'
import { planOf } from './plan.js'
import { rowAt } from './rows.js'
import { openOf, type Row, type Running } from './running.js'
import type { Terms } from './terms.js'

/** The first agreement begins with the first money that is paid out. */
export const beginPlan = (running: Running, amount: bigint): void => agree(running, running.terms, amount)

const agree = (running: Running, terms: Terms, principal: bigint): void => {
  const grid = gridOf(terms, running.day)
  running.terms = terms
  running.grid = grid
  running.plan = planOf(grid, principal, terms.rounding)
  running.position = grid.clock.at(running.day)
  running.weight = 0n
  running.accrued = 0n
}

/** Lays the instalments that have not fallen due anew, because the principal changed under them. */
export const layAnew = (running: Running, how: 'reduce_term' | 'reduce_instalment'): void => {
  const { plan, fallen, offset, terms } = running
  const grid = how === 'reduce_instalment' ? gridToEnd(running) : running.grid
  if (!grid || !plan) return
  const from = fallen - offset
  const row = rowAt(running, fallen)
  if (!row) return addToLast(running)
  const rest = restOf(running, grid, from, row)
  const untilPaid = how === 'reduce_term'
  const instalment = untilPaid ? plan.instalment : solveInstalment(grid, rest, terms.rounding)
  for (const { settled } of running.rows.slice(fallen)) running.prepaid += settled.principal
  running.rows.length = fallen
  running.grid = grid
  running.plan = { grid, rest, instalment, untilPaid, next: from, balance: rest.principal }
  const laid = rowAt(running, fallen)
  if (!laid) return
  laid.asked = { ...row.asked, principal: laid.asked.principal }
  laid.settled = { ...row.settled, principal: 0n }
}

/** A term that was reduced stays reduced: the grid ends where the plan does. */
const gridToEnd = (running: Running): Grid | undefined => {
  const { grid, plan, offset, rows } = running
  if (!grid || !plan?.untilPaid) return grid
  rowAt(running, Infinity)
  const count = rows.length - offset
  if (count === grid.dues.length) return grid
  const { growth: _, ...shorter } = {
    ...grid,
    dues: grid.dues.slice(0, count),
    positions: grid.positions.slice(0, count),
  }
  return shorter
}

/** What is left for the rows to come, and what the running period will weigh when it falls due. */
const restOf = (running: Running, grid: Grid, from: number, row: Row): Rest => {
  const short = running.rows
    .slice(running.firstOpen, running.fallen)
    .reduce((sum, fallenRow) => sum + openOf(fallenRow, 'principal'), 0n)
  const principal = running.principal - short
  const distance = BigInt((grid.positions[from] ?? 0) - running.position)
  const weight = running.weight + (isInterestFree(grid, from) ? 0n : principal * distance)
  return { from, principal, weight, settled: row.settled.interest }
}

/** After the last due day, what is lent more is due at once. */
const addToLast = (running: Running): void => {
  const asked = running.rows.reduce((sum, row) => sum + openOf(row, 'principal'), 0n)
  const last = running.rows[running.rows.length - 1]
  if (last) last.asked.principal += running.principal - asked
  running.firstOpen = Math.min(running.firstOpen, running.rows.length - 1)
}

/** New terms from this day on: what was open is laid over the new instalments, and the old ones keep what was paid. */
export const reschedule = (running: Running, { grace, ...changes }: NewTerms): void => {
  const none = { principalPeriods: 0, moratoriumPeriods: 0, moratoriumInterest: 'accrue' } as const
  const kept = running.rows.slice(0, running.fallen)
  const current = running.rows[running.fallen]
  for (const { settled } of running.rows.slice(running.fallen + 1)) running.prepaid += settled.principal
  if (current) kept.push({ ...current, due: running.day })
  const carried = { fees: 0n, penalties: 0n }
  for (const row of kept) {
    row.rescheduled = row.rescheduled || row === kept[running.fallen] || openOf(row, 'principal') > 0n
    carried.fees += openOf(row, 'fees')
    carried.penalties += openOf(row, 'penalties')
    running.deferred += openOf(row, 'interest')
    row.asked = { ...row.settled }
  }
  const count = kept.length
  running.rows = kept
  running.offset = running.fallen = running.firstOpen = running.lateChecked = count
  agree(running, { ...running.terms, ...changes, grace: grace ?? none }, running.principal)
  running.restructuredOn = running.day
  const first = rowAt(running, count)
  if (!first) return
  first.asked.fees += carried.fees
  first.asked.penalties += carried.penalties
}
