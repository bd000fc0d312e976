import { addDays, type Calendar } from '@countinghouse/shared/calendar'
import type { Log } from '@countinghouse/shared/log'
import { standingOf, toCopy } from '@countinghouse/shared/messaging/copy'
import { interruptProjection } from '@countinghouse/shared/messaging/position'
import { archiveBefore, type Archive } from '@countinghouse/shared/mongo/archive'
import { startNightly } from '@countinghouse/shared/mongo/nightly'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Background } from '@countinghouse/shared/service'
import type { Connection } from 'mongoose'

/** What is archived, and the projection whose copies it has a part in. */
export type Archived = { readonly archive: Archive; readonly projection: string }

export type Deps = { db: Connection; calendar: Calendar; afterDays: number }

/** Archives what has become old, once in a night among the replicas. */
export const startArchiveNights = (
  deps: Deps & { log: Log; now: () => Date; at: string },
  archived: readonly Archived[],
): Background =>
  startNightly({
    ...deps,
    work: 'archive',
    missed: 'last',
    run: (day, signal) => archiveNight(deps, archived, day, signal),
  })

export const archiveNight = async (
  { db, calendar, afterDays }: Deps,
  archived: readonly Archived[],
  day: string,
  signal: AbortSignal,
): Promise<void> => {
  const before = calendar.at(addDays(day, -afterDays), '00:00')
  for (const { archive, projection } of archived) {
    const { copy } = await standingOf(readsOn(db), projection)
    const { live, old, marks } = archive
    const ofCopy = { live: toCopy(live, copy), old: toCopy(old, copy), marks: toCopy(marks, copy) }
    await archiveBefore(db, ofCopy, { before, signal, interrupt: (tx) => interruptProjection(tx, projection) })
  }
}
