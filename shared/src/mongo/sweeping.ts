import type { Connection } from 'mongoose'
import { repeat, type Repetition } from '../repeat.js'
import type { Background } from '../service.js'
import { keepLease } from './lease.js'

export type Sweeping = Omit<Repetition, 'work'> & {
  db: Connection
  /** Its name, and for how long it counts after the death of its holder. */
  lease: { name: string; ttlMs: number }
  /** `goesOn` says whether there may be another piece: the lease is still held, and nobody wants it to stop. */
  work: (goesOn: () => Promise<boolean>) => Promise<unknown>
}

/** Repeats a piece of work in one process at a time, whichever holds the lease. */
export const sweepUnderLease = ({ db, lease: { name, ttlMs }, work, ...repetition }: Sweeping): Background => {
  const lease = keepLease(db, name, ttlMs)
  const sweeping = repeat({
    ...repetition,
    work: async (signal) => {
      const goesOn = async () => !signal.aborted && (await lease.hold())
      if (await goesOn()) await work(goesOn)
    },
  })
  return {
    stop: async () => {
      await sweeping.stop()
      await lease.release()
    },
  }
}
