import { createHash } from 'node:crypto'
import { addDays, addMonths, type Calendar } from '@countinghouse/shared/calendar'
import type { Cache } from '@countinghouse/shared/cache'
import { canonicalJson } from '@countinghouse/shared/canonicalJson'
import { toClock } from '@countinghouse/shared/days'
import { histogram } from '@countinghouse/shared/metrics'
import { standingOf } from '@countinghouse/shared/messaging/copy'
import { inTransaction, readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Connection, mongo } from 'mongoose'
import { toPeriod } from '../period.js'
import type { Figures, Report, ReportContext } from './definition.js'
import { fromText, toText, type MadeReport } from './kept.js'
import { snapshots } from './store.js'

export type MakingDeps = {
  db: Connection
  now: () => Date
  cache: Cache
  calendar: Calendar
  currency: string
  timeZone: string
  readPreference: mongo.ReadPreferenceMode
}

/** The projection that all reports are made from. */
export const REPORTS_PROJECTION = 'reports'

export type Question = {
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly tz: string
  readonly params: ReportContext['params']
  readonly caller: ReportContext['caller']
}

const duration = histogram('report_duration_seconds', 'Making a report that nobody had made before', [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60], ['report']) // prettier-ignore

/** The report, from the cache or the snapshots of the night where it is kept, unless it is wanted fresh. */
export const getReport = async (
  deps: MakingDeps,
  report: Report,
  question: Question,
  fresh = false,
): Promise<MadeReport> => {
  if (!report.cached) return makeReport(deps, report, question)
  const key = keyOf(report, question)
  const make = async () => toText(await makeReport(deps, report, question))
  const load = async () => (await findSnapshot(deps, key, question)) ?? (await make())
  return fromText(await (fresh ? deps.cache.renew(key, make) : deps.cache.through(key, load)), report)
}

const makeReport = async (deps: MakingDeps, report: Report, question: Question): Promise<MadeReport> => {
  const ended = duration.startTimer({ report: report.name })
  const { context, asOf } = await contextFor(deps, question)
  const result: Figures = await report.compute(context)
  ended()
  return { ...result, generatedAt: deps.now(), asOf }
}

export const contextFor = async (deps: MakingDeps, question: Question) => {
  const { db, now, currency, readPreference } = deps
  // Asked first: what is projected in between makes the figures newer than the report says, never older.
  const { reads, asOf } = await standingOf(readsOn(db, undefined, readPreference), REPORTS_PROJECTION)
  const { from, to, tz, params, caller } = question
  const today = toClock(tz)(now()).slice(0, 10)
  const context: ReportContext = {
    ...{ reads, from, to, tz, today, now: now(), params, caller, period: toPeriod({ from, to, tz }) },
    currency: params['currency'] ?? currency,
  }
  return { context, asOf }
}

const keyOf = ({ name, perCaller }: Report, { from, to, tz, params, caller }: Question): string => {
  const asked = canonicalJson({ from, to, tz, params, ...(perCaller && { caller }) })
  return `${name}:${createHash('sha256').update(asked).digest('base64url')}`
}

// Far below MongoDB's largest document.
const KEPT_MAX = 8_000_000
const MORNING_ENDS_AT = '10:00'

// What ended before today is read from the night's work all day, what goes on only in the morning.
const findSnapshot = async (
  { db, now, calendar }: MakingDeps,
  key: string,
  { to }: Question,
): Promise<string | undefined> => {
  const today = calendar.dayOf(now())
  if ((to === undefined || to >= today) && now() >= calendar.at(today, MORNING_ENDS_AT)) return undefined
  return (await readsOn(db).findOne(snapshots, { _id: `${key} ${today}` }))?.kept
}

/** The questions that are answered in the night, for those who ask in the morning. */
const questionsOf = (day: string, tz: string): Question[] => {
  const [yesterday, monthBegan] = [addDays(day, -1), `${day.slice(0, 7)}-01`]
  const spans = [
    {},
    { from: yesterday, to: yesterday },
    { from: addDays(day, -7), to: yesterday },
    { from: addDays(day, -30), to: yesterday },
    { from: addMonths(monthBegan, -1), to: addDays(monthBegan, -1) },
    ...(yesterday >= monthBegan ? [{ from: monthBegan, to: yesterday }] : []),
  ]
  return spans.map((span) => ({ ...span, tz, params: {}, caller: { role: undefined, userId: undefined } }))
}

/** Makes the reports of a night and keeps them apart from the data. */
export const makeSnapshots = async (
  deps: MakingDeps,
  reports: readonly Report[],
  day: string,
  signal: AbortSignal,
): Promise<void> => {
  for (const report of reports.filter(({ cached, perCaller }) => cached && !perCaller))
    for (const question of questionsOf(day, deps.timeZone)) {
      if (signal.aborted) return
      const kept = toText(await makeReport(deps, report, question))
      if (kept.length > KEPT_MAX) continue
      const row = { _id: `${keyOf(report, question)} ${day}`, report: report.name, day, kept, madeAt: deps.now() }
      await inTransaction(deps.db, (tx) => tx.replace(snapshots, row))
    }
}
