import type { Log } from '@countinghouse/shared/log'
import { sweepUnderLease } from '@countinghouse/shared/mongo/sweeping'
import type { Background } from '@countinghouse/shared/service'
import type { Connection } from 'mongoose'
import { expireBatch } from './expiry.js'
import type { Stock } from './stock.js'

const SWEEP_EVERY_MS = 5_000
const LEASE_TTL_MS = 15_000

type Options = { db: Connection; now: () => Date; stock: Stock; log: Log }

/** Lets go of what is kept beyond its time. Nothing depends on when it comes: whoever needs the goods gets them before. */
export const startReservationSweeper = ({ db, now, stock, log }: Options): Background =>
  sweepUnderLease({
    ...{ db, lease: { name: 'reservation-expiry', ttlMs: LEASE_TTL_MS }, everyMs: SWEEP_EVERY_MS },
    work: async (goesOn) => {
      while ((await expireBatch({ db, now, submit: stock.submit })) && (await goesOn()));
    },
    log,
    failure: 'Overdue reservations could not be let go; trying again',
  })
