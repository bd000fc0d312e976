import type { Log } from '@countinghouse/shared/log'
import { gauge } from '@countinghouse/shared/metrics'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Background } from '@countinghouse/shared/service'
import { startWatch } from '../payments/watch.js'
import { handle, type Deps } from './commands.js'
import { countDue, countFailing, findDue } from './store.js'

const waiting = gauge('payment_events_waiting', 'Events of the payment provider that have not taken effect yet')
const failing = gauge('payment_events_failing', 'Of them, those that failed three times or more')

/** Lets events take effect soon after they came, those of one object in their order. */
export const startEventHandling = (deps: Deps & { log: Log }): Background =>
  startWatch(deps, {
    name: 'provider-events',
    find: (limit) => findDue(readsOn(deps.db), deps.now(), limit),
    look: (due) => handle(deps, due),
    keyOf: ({ objectId }) => objectId,
    measure: async () => {
      waiting.set(await countDue(deps.db))
      failing.set(await countFailing(deps.db))
    },
  })
