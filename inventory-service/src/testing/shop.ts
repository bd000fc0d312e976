import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { publishEvent } from '@countinghouse/shared/testing/publish'
import type { TestService } from '@countinghouse/shared/testing/service'
import request from 'supertest'
import type { Settings } from '../config.js'
import type { Order } from '../orders/domain/order.js'
import { orders } from '../orders/store.js'
import { levelIn } from '../stock/domain/stock.js'
import { stocks } from '../stock/store.js'
import { openPaymentOffice, type PaymentOffice } from './paymentOffice.js'
import { callerOf, startInventory, type Call, type Method } from './service.js'

export const address = {
  ...{ name: 'Asha Rao', address: '12 Lake Road', city: 'Pune', postal_code: '411001', country: 'India' },
}

type Offered = { slug: string; item_id: string; version: number }
type Answered = request.Response & { body: Record<string, unknown> & { order_number: string } }

export type Shop = TestService & {
  office: PaymentOffice
  call(method: Method, path: string, call?: Call): request.Test
  /** As nobody in particular. */
  visit(path: string): request.Test
  /** A vendor offers something. */
  offer(body?: object, vendor?: string): Promise<Offered>
  order(buyer: string, body: object, key?: string): Promise<Answered>
  stored(number: string): Promise<Order>
  /** What lies of a product, and what of it is kept for somebody. */
  levelOf(offered: { item_id: string }): Promise<{ onHand: number; reserved: number }>
  /** The buyer's card pays, and wallet-service tells so, as often as asked. */
  pay(number: string, times?: number): Promise<void>
  becomes(number: string, fields: object): Promise<Order>
}

/** The shop with a category and what stands for wallet-service. */
export const openShop = async (settings: Partial<Settings> = {}): Promise<Shop> => {
  const office = await openPaymentOffice()
  const service = await startInventory({ WALLET_URL: office.url, ...settings })
  const call = callerOf(service)
  await call('post', '/categories', { role: 'admin', body: { name: 'Kitchen' } })
  let count = 0
  const stored: Shop['stored'] = async (number) => {
    const order = await readsOn(service.db).findOne(orders, { _id: number })
    if (!order) throw new Error(`No order ${number}`)
    return order
  }
  return {
    ...{ ...service, office, call, stored },
    visit: (path) => request(service.url).get(path),
    offer: async (body = {}, vendor = 'vera') => {
      const product = { name: `Thing ${(count += 1).toString()}`, category: 1, price: 10, stock: 10, ...body }
      const added: { status: number; body: unknown } = await call('post', '/products', {
        ...{ role: 'vendor', userId: vendor, body: product },
      })
      if (added.status !== 201) throw new Error(JSON.stringify(added.body))
      return added.body as Offered
    },
    order: async (buyer, body, key) =>
      call('post', '/orders', {
        ...{ role: 'customer', userId: buyer, body: { shipping: address, payment_method: 'card', ...body } },
        ...(key !== undefined && { key }),
      }),
    levelOf: async ({ item_id: id }) => {
      const stock = await readsOn(service.db).findOne(stocks, { _id: id })
      if (!stock) throw new Error(`No stock of ${id}`)
      const { onHand, reserved } = levelIn(stock, 'main')
      return { onHand, reserved }
    },
    pay: (number, times = 1) => publishEvent(service.rabbitmqUrl, office.pay(number), times),
    becomes: (number, fields) =>
      eventually(async () => {
        const order = await stored(number)
        for (const [name, value] of Object.entries(fields)) {
          const is: unknown = order[name as keyof Order]
          if (is !== value) throw new Error(`${name} of ${number} is ${JSON.stringify(is)}`)
        }
        return order
      }),
    close: async () => {
      await service.close()
      await office.close()
    },
  }
}
