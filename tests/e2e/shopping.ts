import { randomUUID } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { becomes, type TestSystem } from './system.js'

const shipping = { name: 'Asha Rao', address: '12 Lake Road', city: 'Pune', postal_code: '411001', country: 'India' }
const password = 'correct horse battery'

type Body = Record<string, unknown> & {
  id: string
  slug: string
  order_number: string
  access_token: string
  stock: number
}

/** From the first look to the books, in a running system. */
export const shopping = (system: () => TestSystem): void => {
  const send = async (method: 'get' | 'post' | 'patch' | 'delete', path: string, token?: string, body?: object) => {
    const { status, body: answered } = await system().api[method](path, {
      ...(token && { token }),
      key: randomUUID(),
      ...(body && { body }),
    })
    return { status, body: answered as Body }
  }

  /** Somebody signs up, and logs in by the address that they gave. */
  const signUp = async (role: 'customer' | 'vendor'): Promise<string> => {
    const email = `${role}.${randomUUID()}@example.com`
    const registered = await send('post', '/auth/register', undefined, { email, password, role })
    expect([registered.status, registered.body]).toEqual([
      201,
      expect.objectContaining({ access_token: expect.any(String) }),
    ])
    return system().login(email, password)
  }

  test('from the API page to an order: register, log in, offer, order, pay, list, and no way into what is the admin’s', async () => {
    const page = await fetch(`${system().gatewayUrl}/swagger`)
    expect([page.status, page.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')])

    const [admin, vendor, customer] = [await system().adminToken(), await signUp('vendor'), await signUp('customer')]
    const category = (await send('post', '/categories', admin, { name: `Cups ${randomUUID()}` })).body.id
    const offer = async (name: string, price: number, stock: number) => {
      const offered = await send('post', '/products/create', vendor, { name, category, price, stock })
      expect([offered.status, offered.body]).toEqual([201, expect.objectContaining({ stock })])
      return offered.body.slug
    }
    const [small, large] = [
      await offer(`Small cup ${randomUUID()}`, 5, 10),
      await offer(`Large cup ${randomUUID()}`, 9, 10),
    ]
    await send('patch', `/products/${large}/update`, vendor, { discount_price: 7.5, stock: 4 })

    const order = {
      items: [
        { product: small, quantity: 2 },
        { product: large, quantity: 1 },
      ],
      shipping,
      payment_method: 'card',
    }
    const placed = await send('post', '/orders/create/', customer, order)
    expect([placed.status, placed.body]).toEqual([201, expect.objectContaining({ status: 'pending', total: 17.5 })])
    expect((await send('get', `/products/${small}`)).body.stock).toBe(8)

    const { intent_id: intent } = placed.body['payment'] as { intent_id: string }
    const confirmed = await send('post', `/payments/intents/${intent}/confirm`, customer, {
      payment_method: 'pm_card_visa',
    })
    expect([confirmed.status, confirmed.body]).toEqual([200, expect.objectContaining({ status: 'succeeded' })])
    const number = placed.body.order_number
    await becomes(() => system().api.get(`/orders/${number}`, { token: customer }), {
      status: 'processing',
      payment_status: 'paid',
    })

    const list = await send('get', `/products/?category=${String(category)}&ordering=-price`)
    expect((list.body as unknown as Body[]).map(({ slug, stock }) => [slug, stock])).toEqual([
      [large, 3],
      [small, 8],
    ])

    const refused = await Promise.all([
      send('post', '/categories', customer, { name: 'Mine' }),
      send('patch', `/orders/${number}/status`, customer, { status: 'delivered' }),
      send('get', '/users', customer),
    ])
    for (const { status } of refused) expect(status).toBe(403)

    for (const status of ['shipped', 'delivered'])
      expect((await send('patch', `/orders/${number}/status`, admin, { status })).body).toMatchObject({ status })
    const review = await send('post', `/products/${small}/reviews`, customer, { rating: 5, comment: 'Just right' })
    expect(review.status).toBe(201)
    expect((await send('get', '/products/analytics', vendor)).body).toEqual(
      expect.arrayContaining([expect.objectContaining({ product: small, units_sold: 2, revenue: 10 })]),
    )
  })

  test('the books take what an order owes them: its money leaves clearing, for its vendor, the commission and the tax', async () => {
    const [admin, vendor, customer] = [await system().adminToken(), await signUp('vendor'), await signUp('customer')]
    const wallet = (await becomes(() => system().api.get('/wallet', { token: customer }), { status: 'open' })) as {
      id: string
    }
    await send('post', '/wallet/credit', admin, { wallet_id: wallet.id, amount: 100 })
    const category = (await send('post', '/categories', admin, { name: `Pots ${randomUUID()}` })).body.id
    const { slug } = (
      await send('post', '/products', vendor, { name: `Pot ${randomUUID()}`, category, price: 40, stock: 3 })
    ).body
    const order = { items: [{ product: slug, quantity: 1 }], shipping, payment_method: 'wallet' }
    const paid = await send('post', '/orders', customer, order)
    expect([paid.status, paid.body]).toEqual([
      201,
      expect.objectContaining({ status: 'processing', payment_status: 'paid' }),
    ])
    await becomes(() => system().api.get('/wallet', { token: customer }), { balance: 60 })
    await eventually(async () => {
      const { body } = await send(
        'get',
        `/ledger/entries?reference_kind=order&reference_id=${paid.body.order_number}`,
        admin,
      )
      const accounts = JSON.stringify(body)
      for (const account of ['clearing', 'vendor_payables', 'commission_income']) expect(accounts).toContain(account)
    }, 20_000)
    const taken = await send('patch', `/orders/${paid.body.order_number}/status`, admin, { status: 'cancelled' })
    expect(taken.body).toMatchObject({ status: 'cancelled' })
    await becomes(() => system().api.get('/wallet', { token: customer }), { balance: 100 })
  })
}
