import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Calendar } from '@countinghouse/shared/calendar'
import { faultPoint } from '@countinghouse/shared/fault'
import type { Log } from '@countinghouse/shared/log'
import { queueMail } from '@countinghouse/shared/mail/outbox'
import { addToOutbox } from '@countinghouse/shared/messaging/outbox'
import { counter, gauge } from '@countinghouse/shared/metrics'
import type { Nightly } from '@countinghouse/shared/mongo/nightly'
import { isOutage } from '@countinghouse/shared/mongo/outage'
import { inTransaction, readsOn, type Reads, type Tx } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { toEntryDue } from '../loans/events.js'
import { findEventsOf } from '../loans/store/events.js'
import { ageLoan, type Aged, type Night } from './domain.js'
import { toLoanAged } from './events.js'
import { countWaiting, findWaiting, getWaiting, saveAged } from './store.js'

export type Deps = {
  db: Connection
  log: Log
  now: () => Date
  calendar: Calendar
  /** Where customers are reached, by their ids. */
  addressesOf: (reads: Reads, customerIds: readonly string[]) => Promise<ReadonlyMap<string, string>>
  settings: { LOAN_NIGHTLY_AT: string; LOAN_REMIND_DAYS_BEFORE: number }
  /** How many loans share a transaction. */
  batchSize: number
}

/** The work of each night, in its turn. */
export const nightOfLoans = (deps: Deps): Nightly => {
  const { db, log, now, calendar, settings } = deps
  return {
    ...{ db, log, now, calendar, work: 'loans', at: settings.LOAN_NIGHTLY_AT, missed: 'each' },
    run: (day, signal) => ageLoans(deps, day, signal),
  }
}

const waiting = gauge('loan_night_waiting', 'Running loans for which the work of the night is not done')
const outcomes = counter('loan_night_loans_total', 'Loans that a night was done for, or failed for', {
  outcome: ['done', 'failed'],
})

/** Brings every running loan to a day; a repeat, also of a run that was killed, does what is left to do. */
export const ageLoans = async (deps: Deps, day: string, signal: AbortSignal): Promise<void> => {
  const { db, now, calendar, settings, batchSize } = deps
  const remindDaysBefore = settings.LOAN_REMIND_DAYS_BEFORE
  const night = { day, isLatest: calendar.dayOf(now()) === day, remindDaysBefore }
  waiting.set(await countWaiting(readsOn(db), day))
  for (let after = ''; !signal.aborted;) {
    const ids = await findWaiting(readsOn(db), { day, after, limit: batchSize })
    if (ids.length === 0) return
    const failed = await ageBatch(deps, ids, night)
    outcomes.inc({ outcome: 'done' }, ids.length - failed)
    waiting.dec(ids.length - failed)
    faultPoint('nightly.batch-done')
    after = ids.at(-1) ?? after
  }
}

/** Answers for how many of the loans it failed: they keep no other from its night, and the next one catches up with them. */
const ageBatch = async (deps: Deps, ids: readonly string[], night: Night): Promise<number> => {
  try {
    await inTransaction(deps.db, (tx) => ageTogether(tx, deps, ids, night))
    return 0
  } catch (error) {
    if (isOutage(error)) throw error
    if (ids.length > 1) return await ageOneByOne(deps, ids, night)
    outcomes.inc({ outcome: 'failed' })
    deps.log.error({ err: error, loan_id: ids[0], day: night.day }, 'The night of a loan failed')
    return 1
  }
}

const ageOneByOne = async (deps: Deps, ids: readonly string[], night: Night): Promise<number> => {
  let failed = 0
  for (const id of ids) failed += await ageBatch(deps, [id], night)
  return failed
}

const ageTogether = async (tx: Tx, deps: Deps, ids: readonly string[], night: Night): Promise<void> => {
  const [loans, events] = [await getWaiting(tx, ids, night.day), await findEventsOf(tx, ids)]
  const aged: Aged[] = []
  for (const loan of loans) {
    // Between two loans, requests have their turn.
    await nextTurn()
    aged.push(ageLoan(loan, events.get(loan._id) ?? [], night))
  }
  await saveAged(
    tx,
    aged.map(({ loan }) => loan),
  )
  await addToOutbox(tx, ...aged.flatMap((one) => announcementsOf(one, deps.calendar.startOf(night.day))))
  await remind(tx, deps, aged)
}

const announcementsOf = (aged: Aged, at: Date) => [
  ...(aged.isNews ? [toLoanAged(aged)] : []),
  ...(aged.entry ? [toEntryDue(aged.loan, aged.entry, at)] : []),
]

const remind = async (tx: Tx, { addressesOf }: Deps, aged: readonly Aged[]): Promise<void> => {
  const due = aged.filter(({ reminder }) => reminder)
  if (due.length === 0) return
  const addresses = await addressesOf(
    tx,
    due.map(({ loan }) => loan.customerId),
  )
  for (const { loan, reminder } of due) {
    const to = addresses.get(loan.customerId)
    if (to !== undefined && reminder) await queueMail(tx, { to, ...reminder })
  }
}
