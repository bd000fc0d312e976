import { gauge } from '@countinghouse/shared/metrics'
import { sweepUnderLease } from '@countinghouse/shared/mongo/sweeping'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { Refusal } from '@countinghouse/shared/refusal'
import type { Background } from '@countinghouse/shared/service'
import type { Deps } from './commands/deps.js'
import { moveOn } from './commands/sweep.js'
import { countOverdue, findDue } from './store.js'

const LEASE_TTL_MS = 10_000
const BATCH_MAX = 100
const STUCK_AFTER_MS = 10 * 60_000

const stuck = gauge('shop_orders_stuck', 'Orders that should have moved on more than ten minutes ago')

/** Moves on the orders whose time has come. The clocks stand in the orders, so a stopped process loses none. */
export const startOrderSweeper = (deps: Deps & { everyMs: number }): Background =>
  sweepUnderLease({
    ...{ db: deps.db, lease: { name: 'shop-orders', ttlMs: LEASE_TTL_MS }, everyMs: deps.everyMs, log: deps.log },
    work: (goesOn) => sweep(deps, goesOn),
    failure: 'Some orders could not be moved on; trying again',
  })

const sweep = async (deps: Deps, goesOn: () => Promise<boolean>): Promise<void> => {
  const reads = readsOn(deps.db)
  const failures: unknown[] = []
  for (const order of await findDue(reads, deps.now(), BATCH_MAX)) {
    if (!(await goesOn())) break
    await moveOn(deps, order).catch((error: unknown) => failures.push(error))
  }
  stuck.set(await countOverdue(reads, new Date(deps.now().getTime() - STUCK_AFTER_MS)))
  const faults = failures.filter((failure) => !(failure instanceof Refusal))
  if (faults[0]) throw new Error(`${faults.length.toString()} stay as they are`, { cause: faults[0] })
}
