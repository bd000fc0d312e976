import type { mongo } from 'mongoose'
import { runLoad } from './load.js'
import type { Row } from './measured.js'
import { nameOf, planOf } from './plans.js'
import { idOf, type StockHouse } from './stockHouse.js'

const SCALE = Number(process.env['BENCH_SCALE'] ?? 200_000)
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 15) / 3
const CLIENTS = 16
// A page of a list counts all that is in it, which an index does.
const LOOKING = {
  collections: ['stocks', 'stock_moves', 'items', 'reservations'],
  documentsMax: 200,
  // Events of the sales before are still being followed, item by item.
  besides: (seen: mongo.Document) => nameOf(seen) === 'stocks' && seen['docsExamined'] === 1,
}

/** Reads of few out of `BENCH_SCALE` moves, by the service; throws when one is not on an index. */
export const measureStockReads = async (house: StockHouse, items: number) => {
  await grow(house, items)
  const any = () => idOf(Math.floor(Math.random() * items))
  const middle = Buffer.from(Math.floor(SCALE / items / 2).toString()).toString('base64url')
  const paths: Record<string, () => string> = {
    'stock of an item': () => `/stocks/${any()}`,
    'stock of 20 items': () => '/stocks',
    'last 20 moves of an item': () => `/stocks/${any()}/history`,
    '20 moves of an item, from the middle': () => `/stocks/${any()}/history?cursor=${middle}`,
    'last 20 moves of an item in a warehouse': () => `/stocks/${any()}/history?warehouse_id=main`,
    'items that run low': () => '/alerts/low-stock',
    availability: () => `/availability?item_id=${any()}`,
  }
  const rows: Row[] = []
  const facts: Record<string, string> = { moves: (await countMoves(house)).toString() }
  for (const [name, path] of Object.entries(paths)) {
    console.log(name)
    const ask = async () => void (await house.call('GET', path()))
    rows.push({ name, figures: await runLoad({ clients: CLIENTS, seconds: SECONDS, work: ask }) })
    facts[`plan, ${name}`] = await planOf(house.db, LOOKING, ask)
  }
  const startedAt = performance.now()
  const { ok } = await house.call<{ ok: boolean }>('GET', '/stocks/check')
  if (!ok) throw new Error('The check of the stock found problems')
  facts['check of all stock, seconds'] = ((performance.now() - startedAt) / 1000).toFixed(1)
  return { rows, facts }
}

const countMoves = ({ db }: StockHouse): Promise<number> => db.collection('stock_moves').estimatedDocumentCount()

const grow = async (house: StockHouse, items: number): Promise<void> => {
  console.log(`growing the history to ${SCALE} moves`)
  const lines = Array.from({ length: items }, (_, item) => ({ item, quantity: 1 }))
  for (let missing = SCALE - (await countMoves(house)); missing > 0; missing = SCALE - (await countMoves(house)))
    await Promise.all(Array.from({ length: Math.min(20, Math.ceil(missing / items)) }, () => house.sell(lines)))
}
