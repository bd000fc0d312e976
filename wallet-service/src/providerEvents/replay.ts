import type { Connection } from 'mongoose'
import { newDue, type DueEvent } from './domain.js'
import { makeDue, readLog, type Stretch } from './store.js'

const AT_ONCE = 500

/** Makes the events of a stretch of the log due again; answers how many. */
export const replay = async (db: Connection, stretch: Stretch, now: Date): Promise<number> => {
  let batch: DueEvent[] = []
  let count = 0
  const flush = async (): Promise<void> => {
    await makeDue(db, batch)
    count += batch.length
    batch = []
  }
  for await (const event of readLog(db, stretch)) {
    batch.push(newDue(event, now))
    if (batch.length === AT_ONCE) await flush()
  }
  await flush()
  return count
}
