import { expectAnswer } from '../../demo/expect.js'
import type { Hand } from '../hand.js'
import { misnumbered } from '../tally.js'
import { payIn } from './money.js'
import { hasDone, ordersIn, paidInVain, returnsIn, VENDORS_GOODS, wronglyOwed } from './orders.js'
import { fieldOf, type People, type Person, type Player } from './player.js'
import { buy, GOODS } from './trade.js'

/** What a product costs, in whole units; the same goods are sold to traders meanwhile. */
const PRICE = 7
const OFFERED = [...GOODS, VENDORS_GOODS]
const VENDOR = { email: 'vendor.of.chaos@example.com', password: 'long enough to be good', role: 'vendor' } as const

/** Customers order goods, a vendor's among them, and pay out of their wallets; some are cancelled, some are sent back. */
export const shop: Player = {
  kinds: ['paid order', 'cancelled order', 'shipped order', 'delivered order', 'announced return', 'returned order'],
  weight: 4,
  prepare: async (hand, people) => {
    const [{ client }, { token }] = [hand, people.admin]
    const category = { token, key: 'chaos-category', body: { name: 'Chaos' } }
    const { id } = expectAnswer(await client.post('/categories', category), 201)
    const offer = async (item: string, vendor?: string) => {
      const body = { name: item, category: id, price: PRICE, item_id: item, ...(vendor !== undefined && { vendor }) }
      expectAnswer(await client.post('/products', { token, key: `product-${item}`, body }), 201, { slug: item })
    }
    const { user } = expectAnswer(await client.post('/auth/register', { body: VENDOR }), 201)
    const item = { id: VENDORS_GOODS, name: VENDORS_GOODS, type: 'goods' } as const
    expectAnswer(await client.post('/items', { token, key: VENDORS_GOODS, body: item }), 201)
    await buy(hand, people.admin, { [VENDORS_GOODS]: 300 })
    await offer(VENDORS_GOODS, user.id)
    await Promise.all([...GOODS.map((one) => offer(one)), ...people.customers.map((one) => payIn(hand, people, one))])
  },
  play: (hand, people) => goShopping(hand, people, people.one()),
  found: async ({ 'inventory-service': db }) => {
    const named = async (filter: object) => (await ordersIn(db, filter)).map(({ shipping }) => shipping.name)
    return {
      'paid order': await named({ paidAt: { $ne: null } }),
      'cancelled order': await named({ status: 'cancelled', 'refunds.status': 'done' }),
      'shipped order': await named({ shippedAt: { $ne: null } }),
      'delivered order': await named({ deliveredAt: { $ne: null } }),
      'announced return': await returnsIn(db, () => true),
      'returned order': await returnsIn(db, hasDone),
    }
  },
  problems: async ({ 'inventory-service': db }) => {
    const waits = { $or: [{ step: { $ne: 'settled' } }, { 'refunds.status': 'due' }] }
    const open = await fieldOf(db, 'orders', waits, '_id')
    return open.map((id) => `order ${id} waits`)
  },
  checks: {
    'orders have the numbers that clients were told': async ({ 'inventory-service': db }, { attempts }) => {
      const orders = await ordersIn(db)
      return misnumbered(attempts, 'paid order', new Map(orders.map(({ _id, shipping }) => [shipping.name, _id])))
    },
    'what was paid for an order has its goods, or went back': (databases) => paidInVain(databases),
    'the vendor is owed what was sold and kept': wronglyOwed,
  },
}

type Wish = { product: string; quantity: number }

const goShopping = async (hand: Hand, people: People, person: Person): Promise<void> => {
  const items = OFFERED.filter((_, index) => hand.random() < (index === 0 ? 0.6 : 0.3)).map((product) => ({
    ...{ product, quantity: 1 + Math.floor(hand.random() * 2) },
  }))
  if (items.length === 0) return
  const bought = await order(hand, person, items)
  const turn = hand.random()
  if (bought && turn < 0.3) await cancel(hand, people, bought)
  else if (bought && turn < 0.8) await sendBack(hand, people, bought)
}

type Bought = Person & { marker: string; number: string; items: Wish[] }

/** What these goods are to a buyer's wallet and to the stock, when they are bought or come back. */
const movesOf = ({ walletId }: Person, items: readonly Wish[], sign: 1n | -1n) => ({
  [walletId]: sign * BigInt(100 * PRICE * items.reduce((sum, { quantity }) => sum + quantity, 0)),
  ...Object.fromEntries(items.map(({ product, quantity }) => [product, sign * BigInt(quantity)])),
})

/** Answers what was bought, if it is known to be paid. */
const order = async (hand: Hand, person: Person, items: Wish[]): Promise<Bought | undefined> => {
  const marker = `o${hand.fresh()}`
  const shipping = { name: marker, address: '12 Lake Road', city: 'Pune', postal_code: '411001', country: 'India' }
  const placed = await hand.attempt({
    ...{ kind: 'paid order', marker, session: person.session, moves: movesOf(person, items, -1n) },
    ...{ numberIn: 'order_number', isSettled: ({ payment_status }) => payment_status === 'paid' },
    send: (sending) => hand.client.post('/orders', { ...sending, body: { items, shipping, payment_method: 'wallet' } }),
  })
  if (placed?.['payment_status'] !== 'paid') return undefined
  return { ...person, marker, items, number: String(placed['order_number']) }
}

type Status = 'cancelled' | 'shipped' | 'delivered'

const moveOn = (hand: Hand, { admin }: People, { marker, number }: Bought, status: Status, moves = {}) =>
  hand.attempt({
    ...{ kind: `${status} order`, marker, session: admin, moves },
    send: ({ token }) => hand.client.patch('/orders/{number}/status', { token, params: { number }, body: { status } }),
  })

const cancel = (hand: Hand, people: People, bought: Bought) =>
  moveOn(hand, people, bought, 'cancelled', movesOf(bought, bought.items, 1n))

/** It is delivered, and some of one product comes back. */
const sendBack = async (hand: Hand, people: People, bought: Bought): Promise<void> => {
  const { marker, number, session, items } = bought
  if (!(await moveOn(hand, people, bought, 'shipped')) || !(await moveOn(hand, people, bought, 'delivered'))) return
  const [some] = items.slice(Math.floor(hand.random() * items.length))
  if (!some) return
  const back = [{ product: some.product, quantity: 1 + Math.floor(hand.random() * some.quantity) }]
  const announced = await hand.attempt({
    ...{ kind: 'announced return', marker, session },
    send: (sending) =>
      hand.client.post('/orders/{number}/returns', {
        ...{ ...sending, params: { number }, body: { items: back, reason: 'It leaks' } },
      }),
  })
  const returnId = (announced?.['returns'] as { id: string }[] | undefined)?.[0]?.id
  if (returnId === undefined) return
  await hand.attempt({
    ...{ kind: 'returned order', marker, session: people.admin, moves: movesOf(bought, back, 1n) },
    meansDone: 'return_decided',
    send: ({ token }) =>
      hand.client.patch('/orders/{number}/returns/{returnId}', {
        ...{ token, params: { number, returnId }, body: { status: 'received' } },
      }),
  })
}
