import type { Ground } from './ground.js'
import { runLoad, summarise, type Figures } from './load.js'
import type { Measured, Row } from './measured.js'
import { searchWords } from './shopData.js'
import { openShopHouse, type ShopHouse } from './shopHouse.js'
import { openStockBaseline } from './stockBaseline.js'

const PRODUCTS = Number(process.env['BENCH_SCALE'] ?? 20_000)
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 10)
const STOCK = Number(process.env['BENCH_STOCK'] ?? 3_000)
const BUYERS = 64
const READERS = 16
const SPREAD = 100

/** Readers of the catalogue, and buyers of one product and of many. */
export const bench = async (ground: Ground): Promise<Measured> => {
  const raw = await openStockBaseline(ground.servers.mongodbUri, SPREAD)
  const sell = (item: () => number) => runLoad({ clients: BUYERS, seconds: SECONDS, work: () => raw.sell(item()) })
  const rows: Row[] = [
    { name: 'raw driver, one sale a transaction, hot', figures: await sell(() => 0) },
    {
      name: 'raw driver, one sale a transaction, spread',
      figures: await sell(() => Math.floor(Math.random() * SPREAD)),
    },
  ]
  await raw.close()
  console.log(`a catalogue of ${PRODUCTS} products`)
  const house = await openShopHouse(ground, { products: PRODUCTS, buyers: BUYERS })
  rows.push(...(await measureReads(house)))
  const hot = await measureCheckOuts(house, [await house.offer('Hot thing', STOCK)])
  rows.push({
    name: 'check-out paid by wallet, hot',
    baseline: 'raw driver, one sale a transaction, hot',
    figures: hot,
  })
  const slugs = []
  for (let index = 0; index < SPREAD; index += 1)
    slugs.push(await house.offer(`Spread thing ${index}`, Math.ceil(STOCK / SPREAD)))
  const spread = await measureCheckOuts(house, slugs)
  rows.push({
    name: 'check-out paid by wallet, spread',
    baseline: 'raw driver, one sale a transaction, spread',
    figures: spread,
  })
  await house.close()
  const facts = { products: PRODUCTS, 'orders on the hot product': `${hot.count}, of ${STOCK} in stock` }
  return { title: 'Catalogue and check-out', rows, facts, aims: [] }
}

/** Readers of pages that nobody has asked for before, that are cached, and that they have already. */
const measureReads = async (house: ShopHouse): Promise<Row[]> => {
  let asked = 0
  const next = () => (asked += 1)
  const any = () => `/products/bench-${Math.floor(Math.random() * PRODUCTS)}`
  const word = (words: readonly string[]) => words[next() % words.length] ?? ''
  const page = '/products?category=kitchen&ordering=-price'
  const known = await house.get('/products/bench-1')
  const paths: Record<string, () => [path: string, etag?: string]> = {
    'list, cold': () => [
      `${page}&min_price=0.${(next() % 100).toString().padStart(2, '0')}&page=${(next() % 200) + 1}`,
    ],
    'list, cached': () => [page],
    'detail, cold': () => [any()],
    'detail, cached': () => ['/products/bench-1'],
    'detail, 304': () => ['/products/bench-1', known.etag ?? ''],
    'search, cold': () => [`/products?search=${word(searchWords.known)}&max_price=${1_000 + next()}`],
    'search with a typing mistake, cold': () => [
      `/products?search=${word(searchWords.mistyped)}&max_price=${1_000 + next()}`,
    ],
    'facets, cold': () => [`/products/facets?max_price=${1_000 + next()}`],
  }
  const rows: Row[] = []
  for (const [name, path] of Object.entries(paths)) {
    console.log(name)
    const work = async () => void (await house.get(...path()))
    rows.push({ name, figures: await runLoad({ clients: READERS, seconds: SECONDS / 2, work }) })
  }
  return rows
}

/** Buyers order until nothing is left; throws when not exactly what was there is sold. */
const measureCheckOuts = async (house: ShopHouse, slugs: readonly string[]): Promise<Figures> => {
  console.log(`check-out of ${slugs.length} products`)
  const total = (await Promise.all(slugs.map((slug) => house.stockOf(slug)))).reduce((sum, stock) => sum + stock, 0)
  const took: number[] = []
  const gone = new Set<string>()
  const startedAt = performance.now()
  let lastAt = startedAt
  const shop = async (buyer: number): Promise<void> => {
    for (let turn = buyer; gone.size < slugs.length; turn += 1) {
      const slug = slugs[turn % slugs.length] ?? ''
      if (gone.has(slug)) continue
      const begunAt = performance.now()
      if (await house.buy(buyer, slug)) {
        lastAt = performance.now()
        took.push(lastAt - begunAt)
      } else gone.add(slug)
    }
  }
  await Promise.all(Array.from({ length: BUYERS }, (_, buyer) => shop(buyer)))
  const seconds = (lastAt - startedAt) / 1000
  const rest = (await Promise.all(slugs.map((slug) => house.stockOf(slug)))).reduce((sum, stock) => sum + stock, 0)
  if (took.length !== total || rest !== 0)
    throw new Error(`${took.length} orders of ${total} in stock, ${rest} are left`)
  return summarise(took, seconds, 0)
}
