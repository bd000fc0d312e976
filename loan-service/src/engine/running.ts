import { NO_BALANCES, type Balances, type BookAccount } from './balances.js'
import type { Grid } from './grid.js'
import type { Plan } from './plan.js'
import type { Allocation, Parts } from './state.js'
import type { Part, Terms } from './terms.js'

export const NOTHING: Readonly<Parts> = { penalties: 0n, fees: 0n, interest: 0n, principal: 0n }

/** One instalment while a loan is replayed. */
export type Row = {
  number: number
  due: number
  /** Asked for so far: interest of the running period grows with the days. */
  asked: Parts
  settled: Parts
  /** The sum over days of what was short, for the penalty. */
  overdueDays: bigint
  penalty: bigint
  rescheduled: boolean
}

/** A loan in the middle of its replay, at the beginning of a day; the steps of the replay change it in place. */
export type Running = {
  terms: Terms
  day: number
  grid: Grid | undefined
  plan: Plan | undefined
  rows: Row[]
  /** So many rows belong to earlier agreements; the plan counts from here. */
  offset: number
  /** So many rows have fallen due; the next one is running. */
  fallen: number
  /** Before it, every row is settled. */
  firstOpen: number
  /** The next row to be looked at for a late fee. */
  lateChecked: number
  lateFees: bigint
  penalties: bigint
  principal: bigint
  disbursed: bigint
  /** Principal paid off outside the instalments. */
  prepaid: bigint
  /** Where the clock stands, and the interest of the running period: exactly, and as asked for. */
  position: number
  weight: bigint
  accrued: bigint
  /** Interest of a moratorium or an earlier agreement that later instalments ask for. */
  deferred: bigint
  credit: bigint
  closedOn: number | undefined
  restructuredOn: number | undefined
  writtenOffOn: number | undefined
  writtenOff: Parts | undefined
  recovered: bigint
  allocations: Map<string, Allocation>
  balances: Balances
}

export const startOf = (terms: Terms): Running => ({
  terms,
  day: 0,
  grid: undefined,
  plan: undefined,
  rows: [],
  offset: 0,
  fallen: 0,
  firstOpen: 0,
  lateChecked: 0,
  lateFees: 0n,
  penalties: 0n,
  principal: 0n,
  disbursed: 0n,
  prepaid: 0n,
  position: 0,
  weight: 0n,
  accrued: 0n,
  deferred: 0n,
  credit: 0n,
  closedOn: undefined,
  restructuredOn: undefined,
  writtenOffOn: undefined,
  writtenOff: undefined,
  recovered: 0n,
  allocations: new Map(),
  balances: { ...NO_BALANCES },
})

/** Moves an amount from one account to another; nothing else touches the balances. */
export const move = ({ balances }: Running, debit: BookAccount, credit: BookAccount, amount: bigint): void => {
  balances[debit] += amount
  balances[credit] -= amount
}

export const RECEIVABLES: Readonly<Record<Part, BookAccount>> = {
  penalties: 'penalties_receivable',
  fees: 'fees_receivable',
  interest: 'interest_receivable',
  principal: 'loans_receivable',
}

export const openOf = ({ asked, settled }: Row, part: Part): bigint => asked[part] - settled[part]

export const chargesOf = (row: Row): bigint => openOf(row, 'fees') + openOf(row, 'penalties')

export const isSettled = ({ asked, settled }: Row): boolean =>
  asked.principal === settled.principal &&
  asked.interest === settled.interest &&
  asked.fees === settled.fees &&
  asked.penalties === settled.penalties

/** What is owed in all; nothing once the loan is written off. */
export const owedOf = (running: Running): Parts => {
  const owed: Parts = { ...NOTHING }
  if (running.writtenOff) return owed
  for (let index = running.firstOpen; index < running.rows.length; index += 1) {
    const row = running.rows[index] as Row
    owed.penalties += openOf(row, 'penalties')
    owed.fees += openOf(row, 'fees')
    owed.interest += openOf(row, 'interest')
  }
  owed.interest += running.deferred
  owed.principal = running.principal
  return owed
}

export const sumOf = ({ penalties, fees, interest, principal }: Parts): bigint =>
  penalties + fees + interest + principal

export const least = (one: bigint, other: bigint): bigint => (one < other ? one : other)
