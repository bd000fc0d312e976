import type { Log } from '@countinghouse/shared/log'
import { nights, startNightly } from '@countinghouse/shared/mongo/nightly'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Background } from '@countinghouse/shared/service'
import type { Report } from './definition.js'
import { makeSnapshots, type MakingDeps } from './making.js'

const WORK = 'reports'

/** Makes the reports of the night, once among the replicas. */
export const startReportNights = (
  deps: MakingDeps & { log: Log; at: string },
  reports: readonly Report[],
): Background =>
  startNightly({ ...deps, work: WORK, missed: 'last', run: (day, signal) => reportNight(deps, reports, day, signal) })

/** Of a system that has seen no night before there is nothing to keep: what it knows is still coming in. */
export const reportNight = async (
  deps: MakingDeps,
  reports: readonly Report[],
  day: string,
  signal: AbortSignal,
): Promise<void> => {
  const before = await readsOn(deps.db).count(nights, { work: WORK, day: { $lt: day } })
  if (before > 0) await makeSnapshots(deps, reports, day, signal)
}
