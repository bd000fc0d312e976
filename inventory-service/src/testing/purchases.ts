import type { Response } from 'supertest'
import { stocks } from '../stock/store.js'
import { openTradeHouse, type TradeHouse } from './trade.js'
import type { Settings } from '../config.js'

export const PREFORM = 'preform-500ml'

type Buying = { userId?: string; key?: string; query?: object } & Record<string, unknown>

export type BuyingHouse = TradeHouse & {
  /** Staff buy preforms from SUP-001, at 2.00 each. */
  buy(quantity: number, more?: Buying): Promise<Response>
  /** Staff take a step with a purchase. */
  take(number: string, step: string, body?: object, more?: { userId?: string; key?: string }): Promise<Response>
  /** What lies of the item, is on its way and what it is worth. */
  shelfOf(itemId: string): Promise<{ onHand: number; incoming: number; valueMinor: bigint }>
}

/** A house of trade with suppliers and an item to buy. */
export const openBuyingHouse = async (settings: Partial<Settings> = {}): Promise<BuyingHouse> => {
  const house = await openTradeHouse(settings)
  for (const [id, name] of [
    ['SUP-001', 'Polymer Works'],
    ['SUP-002', 'Resin and Sons'],
  ])
    await house.call('post', '/suppliers', { body: { id, name, payment_terms_days: 30 } })
  await house.call('post', '/items', { body: { id: PREFORM, name: 'Preform 500ml', type: 'preform' } })
  return {
    ...house,
    buy: (quantity, { userId, key, query, ...more } = {}) =>
      house.call('post', '/purchases', {
        ...(userId !== undefined && { userId }),
        ...(key !== undefined && { key }),
        ...(query && { query }),
        body: { supplier_id: 'SUP-001', line_items: [{ item_id: PREFORM, quantity, unit_price: 2 }], ...more },
      }),
    take: (number, step, body = {}, more = {}) => house.call('post', `/purchases/${number}/${step}`, { body, ...more }),
    shelfOf: async (itemId) => {
      const found = await house.db.db?.collection(stocks.name).findOne({ _id: itemId as never })
      const [level] = (found?.['levels'] ?? []) as { onHand: number; incoming: number; valueMinor: bigint }[]
      const { onHand = 0, incoming = 0, valueMinor = 0n } = level ?? {}
      return { onHand, incoming, valueMinor }
    },
  }
}
