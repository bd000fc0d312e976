import { interestOn, periodInterest, type Grid } from './grid.js'
import { solveInstalment, wholeOf, type Rest, type Rounding } from './instalment.js'

/** How the rest of a loan is to be paid back; instalments are laid one after the other, when they are needed. */
export type Plan = {
  grid: Grid
  rest: Rest
  /** The equal instalment, or the equal part of principal. */
  instalment: bigint
  /** Keeps the instalment and ends when all is paid, instead of with the last due day. */
  untilPaid: boolean
  /** The instalment to be laid next, and the principal that those laid leave. */
  next: number
  balance: bigint
}

export type Laid = { index: number; from: number; due: number; principal: bigint; interest: bigint }

export const planOf = (grid: Grid, principal: bigint, rounding: Rounding): Plan => {
  const rest = wholeOf(grid, principal)
  return {
    grid,
    rest,
    instalment: solveInstalment(grid, rest, rounding),
    untilPaid: false,
    next: 0,
    balance: principal,
  }
}

/** Lays the next instalment: what it asks for when all before it were paid in time. Nothing when the plan has ended. */
export const layNext = (plan: Plan): Laid | undefined => {
  const { grid, next: index } = plan
  const due = grid.dues[index]
  if (due === undefined || (plan.untilPaid && plan.balance === 0n)) return undefined
  const interest = interestOf(plan, index)
  const principal = principalOf(plan, index, interest)
  plan.next += 1
  plan.balance -= principal
  return { index, from: index === 0 ? grid.start : (grid.dues[index - 1] ?? 0), due, principal, interest }
}

/** True for the last instalment that the plan will ever lay, once it is laid. */
export const isEnded = ({ grid, untilPaid, next, balance }: Plan): boolean =>
  next >= grid.dues.length || (untilPaid && balance === 0n)

const interestOf = ({ grid, rest, balance }: Plan, index: number): bigint => {
  if (index === rest.from) return interestOn(grid, rest.weight) - rest.settled
  return periodInterest(grid, index, grid.method === 'flat' ? rest.principal : balance)
}

const principalOf = ({ grid, instalment, balance }: Plan, index: number, interest: bigint): bigint => {
  if (index < grid.paysFrom) return 0n
  if (index === grid.dues.length - 1) return balance
  const principal = grid.method === 'equal_instalment' ? instalment - interest : instalment
  return principal < 0n ? 0n : principal < balance ? principal : balance
}
