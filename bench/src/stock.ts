import { provisionServers, type Servers } from '@countinghouse/scripts/servers'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runLoad, type Figures } from './load.js'
import { report, type Row } from './report.js'
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
const bench = async (servers: Servers): Promise<void> => {
  const plain = await measure('raw driver', await openStockBaseline(servers.mongodbUri, ITEMS))
  const engine = await measure('stock module', await openStockEngine(servers.mongodbUri, ITEMS), 'raw driver')
  const rows = [...plain, ...engine]
  const house = await openStockHouse(servers, ITEMS)
  const sellOne = (item: number) => house.sell([{ item, quantity: 1 }])
  await runLoad({ clients: CLIENTS, seconds: 2, work: () => sellOne(anyItem()) })
  const before = await house.memoryMb()
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
    'hot in per cent of spread': percent(hot, spread),
    'hot in per cent of spread, stock module': percent(engine[1]?.figures, engine[0]?.figures),
    ...reads.facts,
    'service memory, MB': `${before} before, ${await house.memoryMb()} after`,
  }
  await house.close()
  report('stock: sales of one item', [...rows, ...reads.rows], facts)
}

const percent = (part: Figures | undefined, whole: Figures | undefined): number =>
  Math.round((100 * (part?.perSecond ?? 0)) / (whole?.perSecond ?? 1))

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

const folder = await mkdtemp(join(tmpdir(), 'countinghouse-bench-'))
const servers = await provisionServers({
  dataDir: folder,
  purpose: 'test',
  say: (line) => {
    console.log(line)
  },
})
try {
  await bench(servers)
} finally {
  await servers.stop()
  await rm(folder, { recursive: true })
}
process.exit()
