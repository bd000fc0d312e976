import { formatAmount } from '@countinghouse/shared/money'
import { refuse } from '../errors.js'
import { toDay, toDayNumber, type Day } from './days.js'
import { gridOf, isMoratorium } from './grid.js'
import { layNext, planOf, type Laid } from './plan.js'
import type { Terms } from './terms.js'

export type ScheduleRow = {
  number: number
  dueDate: Day
  principalMinor: bigint
  interestMinor: bigint
  totalMinor: bigint
  /** Principal left after it. */
  balanceMinor: bigint
}

/** What a loan asks for when it is paid out on a day and every instalment is paid when it falls due. */
export const scheduleOf = (terms: Terms, disbursedOn: Day): ScheduleRow[] => {
  const plan = planOf(gridOf(terms, toDayNumber(disbursedOn)), terms.amountMinor, terms.rounding)
  const rows: ScheduleRow[] = []
  let deferred = 0n
  for (let laid = layNext(plan); laid; laid = layNext(plan)) {
    let interestMinor = laid.interest
    if (isMoratorium(plan.grid, laid.index)) {
      deferred += interestMinor
      interestMinor = 0n
    } else {
      const share = deferred / BigInt(terms.instalments - laid.index)
      deferred -= share
      interestMinor += share
    }
    rows.push(toRow(laid, interestMinor, plan.balance))
  }
  return rows
}

const toRow = ({ index, due, principal }: Laid, interestMinor: bigint, balanceMinor: bigint): ScheduleRow => ({
  number: index + 1,
  dueDate: toDay(due),
  principalMinor: principal,
  interestMinor,
  totalMinor: principal + interestMinor,
  balanceMinor,
})

/** Refuses terms whose instalments could not all be above zero, or would not cover the interest. */
export const assertAmortizes = (terms: Terms, disbursedOn: Day): void => {
  const { grace, instalments, amountMinor } = terms
  const graceful = Math.max(grace.principalPeriods, grace.moratoriumPeriods)
  const repays =
    instalments > graceful &&
    amountMinor >= BigInt(instalments - graceful) &&
    scheduleOf(terms, disbursedOn)
      .slice(graceful)
      .every(({ principalMinor }) => principalMinor > 0n)
  if (!repays) throw refuse('terms_not_amortizing', { instalments, amount: formatAmount(amountMinor, terms.currency) })
}
