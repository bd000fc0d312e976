import { stockChanged } from '@countinghouse/shared/contracts/inventory'
import { on, type Handler } from '@countinghouse/shared/messaging/delivery'
import type { Follower } from './commands/stock.js'

/** Whatever moved goods, the shop shows what is left. To look twice does no harm, so nothing is remembered. */
export const productConsumers = ({ hear }: Follower): Handler[] => [
  on(stockChanged, ({ event: { data } }) => hear({ itemId: data.item_id, hasSome: data.on_hand > data.reserved })),
]
