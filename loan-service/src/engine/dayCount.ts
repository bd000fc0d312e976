import { dayInMonth, firstOfYear, partsOfDay } from './days.js'
import type { DayCount, Frequency } from './terms.js'

/** Tells how much of a year lies between two days: the difference of their positions over `perYear`, exactly. */
export type YearClock = { perYear: bigint; at: (dayNumber: number) => number }

// The smallest number that 28, 29, 30 and 31 divide, so that a day of any month is a whole share of it.
const MONTH = 377_580
const [YEAR, LEAP_YEAR] = [365, 366]

/** `anchor` is the day of the month on which instalments fall due: there each month of `THIRTY_360` begins. */
export const yearClockOf = (dayCount: DayCount, frequency: Frequency, anchor: number): YearClock => {
  switch (dayCount) {
    case 'ACT_365F':
      return { perYear: 365n, at: (day) => day }
    case 'ACT_360':
      return { perYear: 360n, at: (day) => day }
    case 'ACT_ACT_ISDA':
      return { perYear: BigInt(YEAR * LEAP_YEAR), at: actualPosition }
    case 'THIRTY_360':
      return frequency === 'monthly' || frequency === 'quarterly'
        ? { perYear: 12n * BigInt(MONTH), at: (day) => monthPosition(day, anchor) }
        : { perYear: 364n, at: (day) => day }
  }
}

const actualPosition = (day: number): number => {
  const { year } = partsOfDay(day)
  const first = firstOfYear(year)
  const isLeap = firstOfYear(year + 1) - first === LEAP_YEAR
  return year * YEAR * LEAP_YEAR + (day - first) * (isLeap ? YEAR : LEAP_YEAR)
}

const monthPosition = (day: number, anchor: number): number => {
  const { month, dayOfMonth } = partsOfDay(day)
  if (dayOfMonth === anchor) return month * MONTH
  const begun = day < dayInMonth(month, anchor) ? month - 1 : month
  const first = dayInMonth(begun, anchor)
  return begun * MONTH + (day - first) * (MONTH / (dayInMonth(begun + 1, anchor) - first))
}
