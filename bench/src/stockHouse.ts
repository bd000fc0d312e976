import type { Connection } from 'mongoose'
import { openCaller, type Caller } from './caller.js'
import type { Ground, Service } from './ground.js'

export type StockHouse = {
  db: Connection
  service: Service
  call: Caller['call']
  sell(lines: { item: number; quantity: number }[]): Promise<void>
}

const CONNECTIONS = 64
const PIECES = 500_000_000
const NOBODY = 'http://127.0.0.1:1'

/** inventory-service as a real process, with items of which there is enough for any load. */
export const openStockHouse = async (ground: Ground, items: number): Promise<StockHouse> => {
  const db = await ground.databaseOf('inventory-service')
  const service = await ground.start('inventory-service', {
    ...{ APPROVAL_THRESHOLD: '1000000000', WALLET_URL: NOBODY },
  })
  const { call } = openCaller(service.url, CONNECTIONS, ground.tokens.userToken('admin', 'bench-admin'))
  await call('POST', '/trade-customers', { id: 'BENCH', name: 'Bench' })
  for (let item = 0; item < items; item++) {
    await call('POST', '/items', { id: idOf(item), name: `Item ${item}`, type: 'goods' })
    const opening = { item_id: idOf(item), delta: PIECES, reason: 'opening', value: 5_000_000 }
    await call('POST', '/stocks/adjustments', opening)
  }
  return {
    ...{ db, service, call },
    sell: async (lines) => {
      const line_items = lines.map(({ item, quantity }) => ({ item_id: idOf(item), quantity, unit_price: 0.05 }))
      await call('POST', '/sales', { customer_id: 'BENCH', line_items })
    },
  }
}

export const idOf = (item: number): string => `item-${item.toString().padStart(3, '0')}`
