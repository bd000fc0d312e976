import type { Log } from '@countinghouse/shared/log'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Background } from '@countinghouse/shared/service'
import { startWatch } from '../payments/watch.js'
import { look, type Deps } from './commands.js'
import { findSilent } from './store.js'

/** Looks for news of disputes that stay silent. */
export const startDisputeWatch = (deps: Deps & { log: Log }): Background =>
  startWatch(deps, {
    name: 'disputes',
    find: (limit) => findSilent(readsOn(deps.db), deps.now(), limit),
    look: (dispute) => look(deps, dispute),
  })
