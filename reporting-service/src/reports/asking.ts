import type { Row } from '@countinghouse/shared/documents/table'
import type { Caller } from '@countinghouse/shared/http/caller'
import { masked } from '@countinghouse/shared/persons'
import type { Report } from './definition.js'
import type { MadeReport } from './kept.js'
import { contextFor, type MakingDeps, type Question } from './making.js'

export const chartOf = async (
  deps: MakingDeps,
  report: Report,
  { made, question }: { made: MadeReport; question: Question },
) => report.chart?.(made, (await contextFor(deps, question)).context)

type Asked = { from?: string | undefined; to?: string | undefined; tz: string }

export const questionOf = (asked: Asked, report: Report, caller: Caller): Question => {
  const { from, to, tz } = asked
  const own = Object.keys(report.params ?? {}).map((name) => [name, (asked as Record<string, unknown>)[name]])
  const params = Object.fromEntries(own.filter(([, value]) => value !== undefined)) as Question['params']
  const user = caller.kind === 'user' ? caller : undefined
  return { from, to, tz, params, caller: { role: user?.role, userId: user?.userId } }
}

/** As it may be seen by who asks: those who only read do not see who somebody is. */
export const maskedFor = (made: MadeReport, { personal = [] }: Report, { caller }: Question): MadeReport => {
  if (caller.role !== 'viewer' || personal.length === 0) return made
  const hide = (row: Row): Row => ({ ...row, ...Object.fromEntries(personal.map((key) => [key, masked(row[key])])) })
  return { ...made, rows: made.rows.map(hide) }
}
