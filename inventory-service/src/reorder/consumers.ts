import { stockLow } from '@countinghouse/shared/contracts/inventory'
import { on, type Handler } from '@countinghouse/shared/messaging/delivery'
import { suggestFor, type Deps } from './commands.js'

/** Where an item runs low, an order is suggested at once. To look twice does no harm, so nothing is remembered. */
export const reorderConsumers = (deps: Deps): Handler[] => [
  on(stockLow, async ({ event }) => {
    await suggestFor(deps, event.data.item_id)
  }),
]
