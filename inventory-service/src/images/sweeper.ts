import type { Log } from '@countinghouse/shared/log'
import { sweepUnderLease } from '@countinghouse/shared/mongo/sweeping'
import type { Background } from '@countinghouse/shared/service'
import { removeUnwanted, type Filing } from './commands.js'

const SWEEP_EVERY_MS = 15_000
const LEASE_TTL_MS = 60_000

export type SweeperDeps = Filing & { log: Log }

/** Removes the files of images that were removed, were of deleted products, or were stored by a process that died. */
export const startImageSweeper = ({ log, ...deps }: SweeperDeps): Background =>
  sweepUnderLease({
    ...{ db: deps.db, lease: { name: 'unwanted-images', ttlMs: LEASE_TTL_MS }, everyMs: SWEEP_EVERY_MS, log },
    work: async (goesOn) => {
      while ((await removeUnwanted(deps)) && (await goesOn()));
    },
    failure: 'Files of images that nobody wants are still there; trying again',
  })
