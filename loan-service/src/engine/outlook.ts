import { toDay } from './days.js'
import { interestOn, isInterestFree, isMoratorium, periodWeight, type Grid } from './grid.js'
import { deferredShare, rowAt, type Short } from './rows.js'
import { chargesOf, least, openOf, sumOf, type Row, type Running } from './running.js'
import type { Instalment, InstalmentStatus, LoanState } from './state.js'

type Outlook = Pick<LoanState, 'instalments' | 'nextDue' | 'interestToComeMinor'>

/** All instalments, those to come with the interest they will ask for when everything is paid in time from now on. */
export const outlookOf = (running: Running, short: readonly Short[]): Outlook => {
  rowAt(running, Infinity)
  const { coming, interestToComeMinor } = forecast(running)
  const opens = opensOf(running, coming, short)
  let balanceMinor = running.disbursed - running.prepaid
  const instalments = running.rows.map((row, index): Instalment => {
    const due = { ...row.asked, interest: row.asked.interest + (coming[index] ?? 0n) }
    const openMinor = (opens[index] ?? 0n) + chargesOf(row)
    balanceMinor -= due.principal
    return {
      number: row.number,
      dueDate: toDay(row.due),
      due,
      settled: { ...row.settled },
      totalMinor: sumOf(due),
      openMinor,
      balanceMinor,
      status: statusOf(running, row, { isFallen: index < running.fallen, isOpen: openMinor > 0n }),
    }
  })
  const next = running.writtenOff
    ? undefined
    : instalments.find(({ openMinor }, index) => index >= running.fallen && openMinor > 0n)
  return {
    instalments,
    nextDue: next ? { date: next.dueDate, amountMinor: next.openMinor } : null,
    interestToComeMinor,
  }
}

const statusOf = (
  { day }: Running,
  row: Row,
  { isFallen, isOpen }: { isFallen: boolean; isOpen: boolean },
): InstalmentStatus => {
  if (row.rescheduled) return 'RESCHEDULED'
  if (!isOpen && (isFallen || sumOf(row.settled) > 0n)) return 'PAID'
  if (!isFallen) return 'UPCOMING'
  return row.due < day ? 'LATE' : 'DUE'
}

/** By row, what will be asked for besides what has accrued: interest of the days to come, and shares of what was put off. */
const forecast = (running: Running): { coming: bigint[]; interestToComeMinor: bigint } => {
  const { grid, rows, fallen, offset } = running
  const coming = new Array<bigint>(rows.length).fill(0n)
  let interestToComeMinor = 0n
  let balance = running.principal - rows.slice(0, fallen).reduce((sum, row) => sum + openOf(row, 'principal'), 0n)
  let deferred = running.deferred
  if (!grid || running.writtenOff) return { coming, interestToComeMinor }
  for (let index = fallen; index < rows.length; index += 1) {
    const row = rows[index] as Row
    const interest = interestToCome(running, grid, index - offset, balance)
    interestToComeMinor += interest
    if (isMoratorium(grid, index - offset)) {
      const open = openOf(row, 'interest')
      coming[index] = -open
      deferred += open + interest
    } else {
      const share = deferredShare(running, grid, index - offset, deferred)
      coming[index] = interest + share
      deferred -= share
    }
    balance -= openOf(row, 'principal')
  }
  return { coming, interestToComeMinor }
}

const interestToCome = (running: Running, grid: Grid, index: number, balance: bigint): bigint => {
  const base = grid.method === 'flat' && balance > 0n ? (running.plan?.rest.principal ?? 0n) : balance
  if (index > running.fallen - running.offset) return interestOn(grid, periodWeight(grid, index, base))
  const distance = BigInt((grid.positions[index] ?? 0) - running.position)
  const weight = isInterestFree(grid, index) ? 0n : base * distance
  return interestOn(grid, running.weight + weight) - running.accrued
}

/** Interest and principal still open by row; what is paid ahead covers the rows in their order. */
const opensOf = (
  { rows, fallen, firstOpen }: Running,
  coming: readonly bigint[],
  short: readonly Short[],
): bigint[] => {
  const opens = new Array<bigint>(rows.length).fill(0n)
  let ahead = 0n
  for (const { index, amount } of short) {
    opens[index] = amount
    ahead += amount
  }
  for (const row of rows.slice(firstOpen, fallen)) ahead -= openOf(row, 'interest') + openOf(row, 'principal')
  for (const { settled } of rows.slice(fallen)) ahead += settled.interest + settled.principal
  for (let index = fallen; index < rows.length; index += 1) {
    const { asked } = rows[index] as Row
    const needed = asked.interest + asked.principal + (coming[index] ?? 0n)
    const covered = least(needed, ahead)
    ahead -= covered
    opens[index] = needed - covered
  }
  return opens
}
