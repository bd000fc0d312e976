import { fractionOf } from '@countinghouse/shared/fraction'
import { divideRounded } from '@countinghouse/shared/money'
import { chargeOn } from './charges.js'
import { interestOn, type Grid } from './grid.js'
import type { Plan } from './plan.js'
import { fallDue, rowAt, runningRow, shortRows, weighed } from './rows.js'
import { least, move, type Running } from './running.js'
import { interestAccount, suspendedAfter } from './suspense.js'

/** Lives through the days up to the morning of `day`, on which at most one row falls due. */
export const liveUntil = (running: Running, day: number): void => {
  const { grid, plan } = running
  if (!grid || !plan || running.writtenOff) {
    running.day = day
    return
  }
  accrueInterest(running, grid, plan, day)
  accruePenalties(running, day)
  running.day = day
  if (rowAt(running, running.fallen)?.due === day) fallDue(running, grid)
  chargeLateFees(running, day)
}

/** Interest of the days is what has accrued by now, rounded, less what was rounded before: it never drifts. */
const accrueInterest = (running: Running, grid: Grid, plan: Plan, day: number): void => {
  const position = grid.clock.at(day)
  running.weight += weighed(running, grid, plan, position - running.position)
  running.position = position
  const accrued = interestOn(grid, running.weight)
  const interest = accrued - running.accrued
  if (interest === 0n) return
  running.accrued = accrued
  runningRow(running).asked.interest += interest
  move(running, 'interest_receivable', interestAccount(running), interest)
}

const accruePenalties = (running: Running, day: number): void => {
  const rule = running.terms.penalty
  if (!rule || running.fallen === 0 || running.penalties === rule.totalMaxMinor) return
  const { numerator, denominator } = fractionOf(rule.dailyPercent)
  for (const { row, amount } of shortRows(running)) {
    const days = day - Math.max(running.day, row.due + rule.graceDays)
    if (days <= 0) continue
    row.overdueDays += amount * BigInt(days)
    const penalty = divideRounded(row.overdueDays * numerator, denominator * 100n, 'half_even')
    const room = rule.totalMaxMinor === null ? penalty - row.penalty : rule.totalMaxMinor - running.penalties
    const charged = least(penalty - row.penalty, room)
    row.penalty += charged
    row.asked.penalties += charged
    running.penalties += charged
    move(running, 'penalties_receivable', 'penalty_income', charged)
  }
}

/** A row that is still short on the morning after its days of grace is charged once. */
const chargeLateFees = (running: Running, day: number): void => {
  const rule = running.terms.lateFee
  if (!rule) return
  const isRipe = (index: number): boolean =>
    index < running.fallen && (running.rows[index]?.due ?? day) + rule.graceDays < day
  if (!isRipe(running.lateChecked)) return
  const short = shortRows(running)
  for (; isRipe(running.lateChecked); running.lateChecked += 1) {
    const late = short.find(({ index }) => index === running.lateChecked)
    if (!late) continue
    const fee = chargeOn(rule.charge, late.amount)
    const charged = rule.totalMaxMinor === null ? fee : least(fee, rule.totalMaxMinor - running.lateFees)
    late.row.asked.fees += charged
    running.lateFees += charged
    move(running, 'fees_receivable', 'fee_income', charged)
  }
}

/** The next day on which something happens by itself. */
export const nextDayOf = (running: Running): number => {
  const { terms, rows, fallen, lateChecked, writtenOff } = running
  if (writtenOff) return Infinity
  const due = rowAt(running, fallen)?.due ?? Infinity
  const suspended = suspendedAfter(running) + 1
  const next = suspended > running.day ? Math.min(due, suspended) : due
  if (!terms.lateFee || lateChecked >= fallen) return next
  return Math.min(next, (rows[lateChecked]?.due ?? Infinity) + terms.lateFee.graceDays + 1)
}
