import { isInterestFree, isMoratorium, type Grid } from './grid.js'
import { isEnded, layNext, type Plan } from './plan.js'
import { isSettled, NOTHING, openOf, type Row, type Running } from './running.js'

/** The row at an index, laid at need; nothing after the last. */
export const rowAt = (running: Running, index: number): Row | undefined => {
  const { plan, rows } = running
  while (plan && rows.length <= index) {
    const laid = layNext(plan)
    if (!laid) break
    rows.push(emptyRow(rows.length + 1, laid.due, laid.principal))
  }
  return rows[index]
}

const emptyRow = (number: number, due: number, principal: bigint): Row => ({
  number,
  due,
  asked: { ...NOTHING, principal },
  settled: { ...NOTHING },
  overdueDays: 0n,
  penalty: 0n,
  rescheduled: false,
})

/** The row whose period runs; after the last due day still the last row. */
export const runningRow = (running: Running): Row =>
  (rowAt(running, running.fallen) ?? running.rows[running.rows.length - 1]) as Row

/** True when the row at an index is the last one. */
const isLastRow = (running: Running, index: number): boolean =>
  running.rows.length === index + 1 && (!running.plan || isEnded(running.plan))

/** What the running period costs when the principal stands for so long a stretch of the clock. */
export const weighed = (running: Running, grid: Grid, plan: Plan, distance: number): bigint => {
  const isOver = rowAt(running, running.fallen) === undefined
  const free = isInterestFree(grid, running.fallen - running.offset) || (isOver && grid.method === 'flat')
  if (free || running.principal === 0n || running.writtenOff) return 0n
  return (grid.method === 'flat' ? plan.rest.principal : running.principal) * BigInt(distance)
}

/** A row falls due: its interest stands, and it takes its share of what was put off. */
export const fallDue = (running: Running, grid: Grid): void => {
  const row = runningRow(running)
  const index = running.fallen - running.offset
  if (isMoratorium(grid, index)) {
    const open = openOf(row, 'interest')
    row.asked.interest -= open
    running.deferred += open
  } else {
    const share = deferredShare(running, grid, index, running.deferred)
    row.asked.interest += share
    running.deferred -= share
  }
  const isLast = isLastRow(running, running.fallen)
  running.fallen += 1
  if (isLast) return
  running.weight = 0n
  running.accrued = 0n
}

/** What was put off is asked for in equal shares; the last row asks for what is left. */
export const deferredShare = (running: Running, grid: Grid, index: number, deferred: bigint): bigint => {
  if (deferred === 0n || isMoratorium(grid, index)) return 0n
  if (isLastRow(running, running.offset + index)) return deferred
  return deferred / BigInt(grid.dues.length - index)
}

/** Steps over rows that ask for nothing more. */
export const passSettled = (running: Running): void => {
  while (running.firstOpen < running.fallen - 1) {
    const row = running.rows[running.firstOpen]
    if (!row || !isSettled(row)) return
    running.firstOpen += 1
  }
}

export type Short = { row: Row; index: number; amount: bigint }

/** The rows that have fallen due and are short, oldest first; principal paid ahead covers them first. */
export const shortRows = (running: Running): Short[] => {
  const short: Short[] = []
  let ahead = paidAhead(running)
  for (let index = running.firstOpen; index < Math.min(running.fallen, running.rows.length); index += 1) {
    const row = running.rows[index] as Row
    const open = openOf(row, 'principal') + openOf(row, 'interest')
    const covered = open < ahead ? open : ahead
    ahead -= covered
    if (open > covered) short.push({ row, index, amount: open - covered })
  }
  return short
}

/** Principal paid on rows that have not fallen due. */
const paidAhead = ({ rows, fallen }: Running): bigint => {
  let ahead = 0n
  for (let index = fallen; index < rows.length; index += 1) {
    const { asked, settled } = rows[index] as Row
    if (settled.principal === 0n && asked.principal > 0n) break
    ahead += settled.principal
  }
  return ahead
}
