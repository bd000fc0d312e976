import type { Log } from '@countinghouse/shared/log'
import { sweepUnderLease } from '@countinghouse/shared/mongo/sweeping'
import type { Background } from '@countinghouse/shared/service'
import type { Connection } from 'mongoose'

export type Watch<Item extends { _id: string }> = {
  /** What is watched, in the plural: the name of the lease too. */
  name: string
  /** Those of which there should be news by now. */
  find: (limit: number) => Promise<Item[]>
  look: (item: Item) => Promise<void>
  /** What of one key is looked at one after another, and all else side by side; everything, unless it is said. */
  keyOf?: (item: Item) => string
  /** What the metrics tell of all that is watched; seldom asked. */
  measure?: () => Promise<void>
}

const LOOK_EVERY_MS = 250
const MEASURE_EVERY_MS = 5_000
const LEASE_TTL_MS = 10_000
const BATCH_MAX = 50

/**
 * Looks for news of what stays silent. Of the replicas the one with the lease does; one item that fails keeps no other
 * from being looked at.
 */
export const startWatch = <Item extends { _id: string }>(
  { db, log }: { db: Connection; log: Log },
  { name, find, look, keyOf = () => name, measure }: Watch<Item>,
): Background => {
  let measureAt = 0
  const lookAt = async (items: readonly Item[], goesOn: () => Promise<boolean>): Promise<void> => {
    for (const item of items) {
      if (!(await goesOn())) return
      await look(item).catch((error: unknown) => {
        log.warn({ err: error, id: item._id }, `One of the ${name} could not be looked at; trying again`)
      })
    }
  }
  return sweepUnderLease({
    ...{ db, lease: { name: `watch-${name}`, ttlMs: LEASE_TTL_MS }, everyMs: LOOK_EVERY_MS, log },
    work: async (goesOn) => {
      let found: Item[]
      do {
        found = await find(BATCH_MAX)
        await Promise.all(lanesOf(found, keyOf).map((lane) => lookAt(lane, goesOn)))
      } while (found.length === BATCH_MAX && (await goesOn()))
      if (performance.now() < measureAt) return
      measureAt = performance.now() + MEASURE_EVERY_MS
      await measure?.()
    },
    failure: `The ${name} could not be looked at; trying again`,
  })
}

const lanesOf = <Item>(items: readonly Item[], keyOf: (item: Item) => string): Item[][] => {
  const lanes = new Map<string, Item[]>()
  for (const item of items) lanes.set(keyOf(item), [...(lanes.get(keyOf(item)) ?? []), item])
  return [...lanes.values()]
}
