import type { BookAccount } from './balances.js'
import { shortRows } from './rows.js'
import { move, type Running } from './running.js'

const DAYS_LATE_MAX = 90

/** Where the interest of the days from now on goes: of a loan that is late for longer it is no income until it is paid. */
export const interestAccount = (running: Running): BookAccount =>
  running.day > suspendedAfter(running) ? 'interest_suspense' : 'interest_income'

/** The last day whose interest is income, while nothing more is paid. */
export const suspendedAfter = (running: Running): number => {
  if (running.firstOpen >= running.fallen) return Infinity
  return (shortRows(running)[0]?.row.due ?? Infinity) + DAYS_LATE_MAX
}

/** Interest that is owed no more leaves the suspense; what is left there is always the latest. */
export const release = (running: Running, to: 'interest_income' | 'waivers' | 'loan_write_offs'): void => {
  const { interest_suspense: suspense, interest_receivable: owed } = running.balances
  if (-suspense > owed) move(running, 'interest_suspense', to, -suspense - owed)
}
