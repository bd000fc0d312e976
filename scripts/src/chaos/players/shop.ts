import { expectAnswer } from '../../demo/expect.js'
import type { Hand } from '../hand.js'
import { misnumbered } from '../tally.js'
import { payIn } from './money.js'
import { fieldOf, type Databases, type People, type Person, type Player } from './player.js'
import { GOODS } from './trade.js'

/** What a product costs, in whole units; the same goods are sold to traders meanwhile. */
const PRICE = 7

/** Customers order goods and pay out of their wallets; an administrator cancels some, and the money goes back. */
export const shop: Player = {
  kinds: ['paid order', 'cancelled order'],
  weight: 4,
  prepare: async (hand, people) => {
    const [{ client }, { token }] = [hand, people.admin]
    const category = { token, key: 'chaos-category', body: { name: 'Chaos' } }
    const { id } = expectAnswer(await client.post('/categories', category), 201)
    const offer = async (item: string) => {
      const body = { name: item, category: id, price: PRICE, item_id: item }
      expectAnswer(await client.post('/products', { token, key: `product-${item}`, body }), 201, { slug: item })
    }
    await Promise.all([...GOODS.map(offer), ...people.customers.map((customer) => payIn(hand, people, customer))])
  },
  play: (hand, people) => order(hand, people, people.one()),
  found: async ({ 'inventory-service': db }) => {
    const named = async (filter: object) => (await ordersIn(db, filter)).map(({ shipping }) => shipping.name)
    return {
      'paid order': await named({ paidAt: { $ne: null } }),
      'cancelled order': await named({ 'refunds.status': 'done' }),
    }
  },
  problems: async ({ 'inventory-service': db }) => {
    const open = await fieldOf(
      db,
      'orders',
      { $or: [{ step: { $ne: 'settled' } }, { 'refunds.status': 'due' }] },
      '_id',
    )
    return open.map((id) => `order ${id} waits`)
  },
  checks: {
    'orders have the numbers that clients were told': async ({ 'inventory-service': db }, { attempts }) => {
      const orders = await ordersIn(db)
      return misnumbered(attempts, 'paid order', new Map(orders.map(({ _id, shipping }) => [shipping.name, _id])))
    },
    'what was paid for an order has its goods, or went back': (databases) => paidInVain(databases),
  },
}

type Db = Databases['inventory-service']
type OrderRow = {
  _id: string
  shipping: { name: string }
  lines: { itemId: string; quantity: number }[]
  status: string
  totalMinor: bigint
  paidAt: Date | null
}
type PaymentRow = { purpose: { id: string }; amountReceivedMinor: bigint; amountRefundedMinor: bigint }

const ordersIn = async (db: Db, filter: object = {}): Promise<OrderRow[]> =>
  (await db.collection('orders').find(filter).toArray()) as unknown as OrderRow[]

const order = async (hand: Hand, { admin }: People, { session, walletId }: Person): Promise<void> => {
  const marker = `o${hand.fresh()}`
  const items = GOODS.filter((_, index) => hand.random() < (index === 0 ? 0.6 : 0.3)).map((product) => ({
    product,
    quantity: 1 + Math.floor(hand.random() * 2),
  }))
  if (items.length === 0) return
  const count = items.reduce((sum, { quantity }) => sum + quantity, 0)
  const moves = (sign: bigint) => ({
    [walletId]: sign * BigInt(100 * PRICE * count),
    ...Object.fromEntries(items.map(({ product, quantity }) => [product, sign * BigInt(quantity)])),
  })
  const shipping = { name: marker, address: '12 Lake Road', city: 'Pune', postal_code: '411001', country: 'India' }
  const placed = await hand.attempt({
    ...{ kind: 'paid order', marker, session, moves: moves(-1n), numberIn: 'order_number' },
    isSettled: ({ payment_status }) => payment_status === 'paid',
    send: (sending) => hand.client.post('/orders', { ...sending, body: { items, shipping, payment_method: 'wallet' } }),
  })
  if (placed?.['payment_status'] !== 'paid' || hand.random() < 0.7) return
  const params = { number: String(placed['order_number']) }
  await hand.attempt({
    ...{ kind: 'cancelled order', marker, session: admin, moves: moves(1n) },
    send: ({ token }) => hand.client.patch('/orders/{number}/status', { token, params, body: { status: 'cancelled' } }),
  })
}

/** Orders and payments that do not stand to one another as they must, and goods that are not where their order says. */
const paidInVain = async ({ 'inventory-service': db, 'wallet-service': wallet }: Databases): Promise<string[]> => {
  const orders = await ordersIn(db)
  const filter = { 'purpose.kind': 'order', status: 'succeeded' }
  const payments = (await wallet.collection('payments').find(filter).toArray()) as unknown as PaymentRow[]
  const moves = await db.collection('stock_moves').find({ 'cause.kind': 'order' }).toArray()
  const leftFor = (id: string) =>
    moves.reduce((sum, { cause, quantity }) => ((cause as { id: string }).id === id ? sum - Number(quantity) : sum), 0)
  const stray = payments.filter(({ purpose }) => !orders.some(({ _id }) => _id === purpose.id))
  return [
    ...stray.map(({ purpose: { id } }) => `a payment is for the order ${id}, which is not there`),
    ...orders.flatMap((one) => {
      const made = payments.filter(({ purpose: { id } }) => id === one._id)
      const keptMinor = made.reduce((sum, { amountReceivedMinor: got, amountRefundedMinor: back }) => sum + BigInt(got) - BigInt(back), 0n) // prettier-ignore
      const isSold = one.paidAt !== null && one.status !== 'cancelled'
      const ordered = one.lines.reduce((sum, { quantity }) => sum + quantity, 0)
      return [
        ...(made.length === (one.paidAt === null ? 0 : 1) ? [] : [`order ${one._id} has ${made.length} payments`]),
        ...(keptMinor === (isSold ? BigInt(one.totalMinor) : 0n) ? [] : [`${keptMinor} was paid for order ${one._id}`]),
        ...(leftFor(one._id) === (isSold ? ordered : 0)
          ? []
          : [`${leftFor(one._id)} pieces left for order ${one._id}`]),
      ]
    }),
  ]
}
