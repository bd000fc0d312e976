import { openPaymentOffice } from '@countinghouse/inventory-service/testing/paymentOffice'
import { openCaller, type Answer } from './caller.js'
import type { Ground } from './ground.js'
import { createCatalogueRows } from './shopData.js'

export type ShopHouse = {
  get(path: string, etag?: string): Promise<Answer>
  /** Orders one of a product and pays from the wallet; false when there is no more of it. */
  buy(buyer: number, slug: string): Promise<boolean>
  offer(name: string, stock: number): Promise<string>
  stockOf(slug: string): Promise<number>
  close(): Promise<void>
}

const RICH = 10n ** 15n
const address = { name: 'Ann', address: '1 Road', city: 'Pune', postal_code: '411001', country: 'India' }

/** inventory-service as a real process with a large catalogue, and what stands for wallet-service. */
export const openShopHouse = async (
  { databaseOf, start, tokens }: Ground,
  { products, buyers }: { products: number; buyers: number },
): Promise<ShopHouse> => {
  const [db, office] = [await databaseOf('inventory-service'), await openPaymentOffice()]
  const { url } = await start('inventory-service', { WALLET_URL: office.url })
  const { call } = openCaller(url, 1, tokens.userToken('admin', 'bench-admin'))
  const guests = openCaller(url, buyers)
  const bearers = Array.from({ length: buyers }, (_, index) => {
    office.balances.set(`buyer-${index}`, RICH)
    return `Bearer ${tokens.userToken('customer', `buyer-${index}`)}`
  })
  for (const name of ['Kitchen', 'Garden', 'Office', 'Workshop']) await call('POST', '/categories', { name })
  await createCatalogueRows(db, products)
  return {
    get: async (path, etag) => {
      const answer = await guests.send('GET', path, etag === undefined ? {} : { headers: { 'if-none-match': etag } })
      if (answer.status !== 200 && answer.status !== 304) throw new Error(`${path}: ${answer.text}`)
      return answer
    },
    buy: async (buyer, slug) => {
      const body = { items: [{ product: slug, quantity: 1 }], shipping: address, payment_method: 'wallet' }
      const headers = { authorization: bearers[buyer % buyers] ?? '' }
      const { status, text } = await guests.send('POST', '/orders', { headers, body })
      if (status === 400 && text.includes('insufficient_stock')) return false
      if (status !== 201) throw new Error(text)
      return true
    },
    offer: async (name, stock) =>
      (await call<{ slug: string }>('POST', '/products', { name, category: 1, price: 1, stock })).slug,
    stockOf: async (slug) => (await guests.call<{ stock: number }>('GET', `/products/${slug}`)).stock,
    close: () => office.close(),
  }
}
