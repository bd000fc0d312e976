import type { Log } from '@countinghouse/shared/log'
import { gauge } from '@countinghouse/shared/metrics'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Background } from '@countinghouse/shared/service'
import { countOverdue, findSilent } from '../payments/store.js'
import { startWatch } from '../payments/watch.js'
import type { Deps } from './commands/deps.js'
import { look } from './commands/look.js'

const overdue = gauge('payments_overdue', 'Payments of which there has been no news for five minutes longer than usual')

/** Looks for news of payments that stay silent. */
export const startPaymentWatch = (deps: Deps & { log: Log }): Background =>
  startWatch(deps, {
    name: 'payments',
    find: (limit) => findSilent(readsOn(deps.db), deps.now(), limit),
    look: (payment) => look(deps, payment),
    measure: async () => {
      overdue.set(await countOverdue(readsOn(deps.db), deps.now()))
    },
  })
