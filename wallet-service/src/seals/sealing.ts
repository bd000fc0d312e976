import type { Log } from '@countinghouse/shared/log'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { repeat } from '@countinghouse/shared/repeat'
import type { Background } from '@countinghouse/shared/service'
import { findHead } from '../ledger/store.js'
import { seal, type Deps } from './commands.js'
import { findLastSeal } from './store.js'

const LOOK_EVERY_MS = 60_000
const BLOCKS_MAX = 1_000
const AGE_MAX_MS = 3_600_000

/** Signs the chain each hour, and sooner when it grows fast. Replicas that sign the same chain sign alike: none needs a lease. */
export const startSealing = ({ log, ...deps }: Deps & { log: Log }): Background =>
  repeat({ everyMs: LOOK_EVERY_MS, work: () => sealIfDue(deps), log, failure: 'The books could not be signed' })

const sealIfDue = async (deps: Deps): Promise<void> => {
  const [head, last] = [await findHead(readsOn(deps.db)), await findLastSeal(readsOn(deps.db))]
  const blocks = (head?.height ?? 0) - (last?.size ?? 0)
  const age = deps.now().getTime() - (last?.signedAt.getTime() ?? 0)
  if (blocks >= BLOCKS_MAX || (blocks > 0 && age >= AGE_MAX_MS)) await seal(deps)
}
