import { createCatalogueRows } from './shopData.js'
import { openPaymentOffice } from '@countinghouse/inventory-service/testing/paymentOffice'
import { createLog } from '@countinghouse/shared/log'
import { applyTopology } from '@countinghouse/shared/messaging/topology'
import { connectMongo } from '@countinghouse/shared/mongo/connect'
import { openTokenOffice } from '@countinghouse/shared/testing/tokens'
import type { Servers } from '@countinghouse/scripts/servers'
import { Pool } from 'undici'
import { startInventory } from './stockHouse.js'

export type ShopAnswer = { status: number; etag: string | undefined; body: string }

export type ShopHouse = {
  get(path: string, etag?: string): Promise<ShopAnswer>
  /** Orders one of a product and pays from the wallet; false when there is no more of it. */
  buy(buyer: number, slug: string): Promise<boolean>
  offer(name: string, stock: number): Promise<string>
  stockOf(slug: string): Promise<number>
  close(): Promise<void>
}

const DATABASE = 'bench_shop'
const VHOST = 'bench'
const RICH = 10n ** 15n
const address = { name: 'Ann', address: '1 Road', city: 'Pune', postal_code: '411001', country: 'India' }

/** inventory-service as a real process with a large catalogue, and what stands for wallet-service. */
export const openShopHouse = async (
  servers: Servers,
  { products, buyers }: { products: number; buyers: number },
): Promise<ShopHouse> => {
  const [tokens, office] = [await openTokenOffice(), await openPaymentOffice()]
  await applyTopology({ adminUrl: servers.rabbitmqAdminUrl, vhost: VHOST })
  const log = createLog('bench', 'silent')
  const db = await connectMongo({ uri: servers.mongodbUri, database: DATABASE, service: 'bench', log })
  await db.dropDatabase()
  const { url, stop } = await startInventory(servers, {
    authUrl: tokens.authUrl,
    database: DATABASE,
    walletUrl: office.url,
  })
  const pool = new Pool(url, { connections: buyers })
  const bearers = Array.from({ length: buyers }, (_, index) => {
    office.balances.set(`buyer-${index}`, RICH)
    return `Bearer ${tokens.userToken('customer', `buyer-${index}`)}`
  })
  const admin = `Bearer ${tokens.userToken('admin', 'bench-admin')}`
  const send = senderOn(pool)
  const post = async <Answer>(path: string, body: object): Promise<Answer> => {
    const answer = await send('POST', path, { authorization: admin }, body)
    if (answer.status >= 300) throw new Error(`${path}: ${answer.body}`)
    return JSON.parse(answer.body) as Answer
  }
  for (const name of ['Kitchen', 'Garden', 'Office', 'Workshop']) await post('/categories', { name })
  await createCatalogueRows(db, products)
  return {
    get: async (path, etag) => {
      const answer = await send('GET', path, etag === undefined ? {} : { 'if-none-match': etag })
      if (answer.status !== 200 && answer.status !== 304) throw new Error(`${path}: ${answer.body}`)
      return answer
    },
    buy: async (buyer, slug) => {
      const body = { items: [{ product: slug, quantity: 1 }], shipping: address, payment_method: 'wallet' }
      const answer = await send('POST', '/orders', { authorization: bearers[buyer % buyers] ?? '' }, body)
      if (answer.status === 400 && answer.body.includes('insufficient_stock')) return false
      if (answer.status !== 201) throw new Error(answer.body)
      return true
    },
    offer: async (name, stock) =>
      (await post<{ slug: string }>('/products', { name, category: 1, price: 1, stock })).slug,
    stockOf: async (slug) => (JSON.parse((await send('GET', `/products/${slug}`, {})).body) as { stock: number }).stock,
    close: async () => {
      await pool.close()
      await stop()
      await db.dropDatabase()
      await db.close()
      await tokens.close()
      await office.close()
    },
  }
}

/** How a request is sent, and what of its answer counts. */
const senderOn =
  (pool: Pool) =>
  async (method: 'GET' | 'POST', path: string, headers: Record<string, string>, body?: object): Promise<ShopAnswer> => {
    const given = { ...headers, ...(body && { 'content-type': 'application/json' }) }
    const answer = await pool.request({ method, path, headers: given, ...(body && { body: JSON.stringify(body) }) })
    const etag = answer.headers['etag']
    const text = await answer.body.text()
    return { status: answer.statusCode, etag: typeof etag === 'string' ? etag : undefined, body: text }
  }
