import { toDay } from './days.js'
import { outlookOf } from './outlook.js'
import { shortRows, type Short } from './rows.js'
import { chargesOf, owedOf, sumOf, type Running } from './running.js'
import type { Bucket, LoanState, LoanStanding, Parts } from './state.js'

/** The state that a replay has led to. */
export const stateOf = (running: Running): LoanState => {
  const owed = owedOf(running)
  const short = shortRows(running)
  const oldest = running.writtenOff ? undefined : short.find(({ row }) => row.due < running.day)?.row
  const daysPastDue = oldest ? running.day - oldest.due : 0
  return {
    asOf: toDay(running.day),
    status: standingOf(running, owed),
    closedOn: dayOrNull(running.closedOn),
    disbursedMinor: running.disbursed,
    owed,
    outstandingMinor: sumOf(owed),
    dueNowMinor: dueNowOf(running, short),
    instalmentMinor: running.grid?.method === 'equal_instalment' ? (running.plan?.instalment ?? 0n) : 0n,
    ...outlookOf(running, short),
    oldestOverdueDate: dayOrNull(oldest?.due),
    daysPastDue,
    bucket: bucketOf(daysPastDue),
    prepaidMinor: running.prepaid,
    creditBalanceMinor: running.credit,
    restructuredOn: dayOrNull(running.restructuredOn),
    writtenOffOn: dayOrNull(running.writtenOffOn),
    writtenOff: running.writtenOff ?? null,
    recoveredMinor: running.recovered,
    allocations: running.allocations,
    balances: { ...running.balances },
  }
}

const standingOf = ({ disbursed, writtenOff }: Running, owed: Parts): LoanStanding => {
  if (writtenOff) return 'WRITTEN_OFF'
  if (disbursed === 0n) return 'UNDISBURSED'
  return sumOf(owed) === 0n ? 'CLOSED' : 'ACTIVE'
}

const dayOrNull = (day: number | undefined): string | null => (day === undefined ? null : toDay(day))

const bucketOf = (daysPastDue: number): Bucket => {
  if (daysPastDue === 0) return 'CURRENT'
  if (daysPastDue <= 30) return '1-30'
  if (daysPastDue <= 60) return '31-60'
  return daysPastDue <= 90 ? '61-90' : '90+'
}

const dueNowOf = (running: Running, short: readonly Short[]): bigint => {
  if (running.writtenOff) return 0n
  const charges = running.rows.slice(running.firstOpen, running.fallen).reduce((sum, row) => sum + chargesOf(row), 0n)
  return short.reduce((sum, { amount }) => sum + amount, charges)
}
