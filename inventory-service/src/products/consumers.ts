import { stockTurned } from '@countinghouse/shared/contracts/inventory'
import { on, type Handler } from '@countinghouse/shared/messaging/delivery'
import type { Follower } from './commands/stock.js'

/** Where goods run out or are back, the shop shows so. To look twice does no harm, so nothing is remembered. */
export const productConsumers = ({ follow }: Follower): Handler[] => [
  on(stockTurned, ({ event: { data } }) => follow([data.item_id])),
]
