import type { Connection } from 'mongoose'
import type { Log } from '../log.js'
import { gauge } from '../metrics.js'
import type { CollectionDefinition } from '../mongo/collection.js'
import { readsOn, type Reads } from '../mongo/transaction.js'
import { repeat } from '../repeat.js'
import type { Background } from '../service.js'

/** Something that waits for an answer which should have come long ago. */
export type Stuck = { id: string; state: string; since: Date; reason: string | null }

/** Work that goes on over several steps and services, as an operator sees it. */
export type Saga = {
  name: string
  /** How many there are in each of its states; a state that can be is told also when there are none. */
  states(reads: Reads): Promise<Readonly<Record<string, number>>>
  /** What does not move on by itself any more, the oldest first. */
  stuck(reads: Reads, now: Date, limit: number): Promise<Stuck[]>
}

const inState = gauge('saga_in_state', 'Sagas by the state that they are in', ['saga', 'state'])
const stuckNow = gauge('saga_stuck', 'Sagas that do not move on by themselves', ['saga'])

const MEASURE_EVERY_MS = 15_000
export const STUCK_SHOWN_MAX = 100

type Options = { db: Connection; log: Log; now: () => Date; sagas: readonly Saga[] }

/** Keeps the metrics of all sagas. */
export const watchSagas = ({ db, log, now, sagas }: Options): Background => {
  const measure = async () => {
    for (const saga of sagas) {
      for (const [state, count] of Object.entries(await saga.states(readsOn(db))))
        inState.set({ saga: saga.name, state }, count)
      stuckNow.set({ saga: saga.name }, (await saga.stuck(readsOn(db), now(), STUCK_SHOWN_MAX)).length)
    }
  }
  measure().catch(() => undefined)
  return repeat({ everyMs: MEASURE_EVERY_MS, work: measure, log, failure: 'The sagas could not be counted' })
}

/** How many are in each state, counted in the index that begins with it; a zero where there is none. */
export const countStates = async <State extends string>(
  reads: Reads,
  collection: CollectionDefinition<{ _id: string; status: State }>,
  states: readonly State[],
): Promise<Record<string, number>> => {
  const grouping = [{ $sort: { status: 1 } }, { $group: { _id: '$status', count: { $sum: 1 } } }]
  const rows = await reads.aggregate<{ _id: string; count: number }>(collection, grouping)
  const zeros = states.map((state): [string, number] => [state, 0])
  return Object.fromEntries([...zeros, ...rows.map(({ _id, count }): [string, number] => [_id, Number(count)])])
}
