import type { Ground } from './ground.js'
import { runLoad } from './load.js'
import { atLeast, ratioOf, type Measured, type Row } from './measured.js'
import { openStockBaseline } from './stockBaseline.js'
import { openStockEngine } from './stockEngine.js'
import { openStockHouse } from './stockHouse.js'
import { measureStockReads } from './stockReads.js'

const ITEMS = 100
const CLIENTS = 64
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 15)

const load = (name: string, work: () => Promise<void>, clients = CLIENTS) => {
  console.log(name)
  return runLoad({ clients, seconds: SECONDS, work })
}
const anyItem = (): number => Math.floor(Math.random() * ITEMS)

/** Measures sales through the whole service, beside one plain transaction of level, layer and move in the same run. */
export const bench = async (ground: Ground): Promise<Measured> => {
  const { mongodbUri } = ground.servers
  const plain = await measure('raw driver', await openStockBaseline(mongodbUri, ITEMS))
  const engine = await measure('stock module', await openStockEngine(mongodbUri, ITEMS), 'raw driver')
  const rows = [...plain, ...engine]
  const house = await openStockHouse(ground, ITEMS)
  const sellOne = (item: number) => house.sell([{ item, quantity: 1 }])
  await runLoad({ clients: CLIENTS, seconds: 2, work: () => sellOne(anyItem()) })
  const before = await house.service.memoryMb()
  const spread = await load('service, spread', () => sellOne(anyItem()))
  const hot = await load('service, hot', () => sellOne(0))
  const alone = await load('service, one client', () => sellOne(anyItem()), 1)
  rows.push(
    { name: 'service, spread', baseline: 'raw driver, spread', figures: spread },
    { name: 'service, hot', baseline: 'raw driver, hot', figures: hot },
    { name: 'service, one client', figures: alone },
  )
  const reads = await measureStockReads(house, ITEMS)
  const facts = {
    ...reads.facts,
    'service memory, MB': `${before} before, ${await house.service.memoryMb()} after`,
  }
  const aims = [
    atLeast('hot item, beside the raw driver', 4, ratioOf(rows, 'service, hot', 'raw driver, hot')),
    atLeast('hot item, beside spread', 0.8, ratioOf(rows, 'service, hot', 'service, spread')),
  ]
  return { title: 'Sales of one item and of many', rows: [...rows, ...reads.rows], facts, aims }
}

type Selling = { sell: (item: number) => Promise<void>; close: () => Promise<void> }

const measure = async (who: string, { sell, close }: Selling, baseline?: string): Promise<Row[]> => {
  await runLoad({ clients: CLIENTS, seconds: 1, work: () => sell(anyItem()) })
  const spread = await load(`${who}, spread`, () => sell(anyItem()))
  const hot = await load(`${who}, hot`, () => sell(0))
  await close()
  const beside = (load: string) => (baseline === undefined ? {} : { baseline: `${baseline}, ${load}` })
  return [
    { name: `${who}, spread`, figures: spread, ...beside('spread') },
    { name: `${who}, hot`, figures: hot, ...beside('hot') },
  ]
}
