import type { Log } from '@countinghouse/shared/log'
import { keepLease } from '@countinghouse/shared/mongo/lease'
import { repeat } from '@countinghouse/shared/repeat'
import type { Background } from '@countinghouse/shared/service'
import type { Connection } from 'mongoose'
import { expireBatch } from './expiry.js'
import type { Stock } from './stock.js'

const SWEEP_EVERY_MS = 5_000
const LEASE_TTL_MS = 15_000

type Options = { db: Connection; now: () => Date; stock: Stock; log: Log }

/** Lets go of what is kept beyond its time. Nothing depends on when it comes: whoever needs the goods gets them before. */
export const startReservationSweeper = ({ db, now, stock, log }: Options): Background => {
  const lease = keepLease(db, 'reservation-expiry', LEASE_TTL_MS)
  const deps = { db, now, submit: stock.submit }
  const sweeping = repeat({
    everyMs: SWEEP_EVERY_MS,
    work: async (signal) => {
      while (!signal.aborted && (await lease.hold()) && (await expireBatch(deps)));
    },
    log,
    failure: 'Overdue reservations could not be let go; trying again',
  })
  return {
    stop: async () => {
      await sweeping.stop()
      await lease.release()
    },
  }
}
