import { expectAnswer } from '../../demo/expect.js'
import type { Hand } from '../hand.js'
import { balancesOf, misnumbered, type Attempt } from '../tally.js'
import { fieldOf, type Databases, type People, type Player } from './player.js'

/** What is traded: everybody wants the first. */
export const GOODS = ['chaos-hot', 'chaos-a', 'chaos-b', 'chaos-c'] as const
const [HOT, ...OTHERS] = GOODS
const CUSTOMER = { id: 'CHAOS-C', name: 'Chaos buyer' }
const SUPPLIER = { id: 'CHAOS-S', name: 'Chaos supplier' }

/** Goods come in by purchases and leave by sales, of which some are cancelled. */
export const trade: Player = {
  kinds: ['purchase', 'sale', 'cancelled sale'],
  weight: 5,
  prepare: async (hand, { admin }) => {
    const { client } = hand
    const as = (key: string) => ({ token: admin.token, key })
    expectAnswer(await client.post('/trade-customers', { ...as(CUSTOMER.id), body: CUSTOMER }), 201)
    expectAnswer(await client.post('/suppliers', { ...as(SUPPLIER.id), body: SUPPLIER }), 201)
    const stock = async (id: string) => {
      expectAnswer(await client.post('/items', { ...as(id), body: { id, name: id, type: 'goods' } }), 201)
      await buy(hand, admin, { [id]: 30 })
    }
    await Promise.all(GOODS.map(stock))
  },
  play: (hand, people) => (hand.random() < 0.25 ? buy(hand, people.admin, basket(hand, 10)) : sell(hand, people)),
  found: async ({ 'inventory-service': db }) => ({
    purchase: await fieldOf(db, 'purchases', {}, 'notes'),
    sale: await fieldOf(db, 'sales', {}, 'notes'),
    'cancelled sale': await fieldOf(db, 'sales', { cancelledAt: { $ne: null } }, 'notes'),
  }),
  problems: async (databases) => [...(await belowZero(databases)), ...(await wronglyValued(databases))],
  checks: {
    'sales and purchases have the numbers that clients were told, without a gap': async (databases, { attempts }) => [
      ...(await wronglyNumbered(databases, attempts, { kind: 'sale', collection: 'sales' })),
      ...(await wronglyNumbered(databases, attempts, { kind: 'purchase', collection: 'purchases' })),
    ],
    'there is as much of each item as came in and did not leave': async ({ 'inventory-service': db }, happened) => {
      const expected = balancesOf(happened)
      const stocks = await stocksIn(db)
      return stocks
        .filter(({ id, onHand }) => onHand !== (expected.get(id) ?? 0n))
        .map(({ id, onHand }) => `there are ${onHand} of ${id}, not ${expected.get(id) ?? 0n}`)
    },
    'the books say that the stock is worth what it is': (databases) => wronglyValued(databases),
  },
}

type Basket = Readonly<Record<string, number>>
type Db = Databases['inventory-service']

/** Often the hot item, and sometimes others with it. */
const basket = (hand: Hand, most: number): Basket => {
  const wanted = GOODS.filter(() => hand.random() < 0.3)
  const items = hand.random() < 0.6 ? [...new Set([HOT, ...wanted])] : wanted.length > 0 ? wanted : OTHERS.slice(0, 1)
  return Object.fromEntries(items.map((item) => [item, 1 + Math.floor(hand.random() * most)]))
}

const movesOf = (goods: Basket, sign: 1 | -1) =>
  Object.fromEntries(Object.entries(goods).map(([item, quantity]) => [item, BigInt(sign * quantity)]))

const linesOf = (hand: Hand, goods: Basket) =>
  Object.entries(goods).map(([item_id, quantity]) => ({ item_id, quantity, unit_price: priceOf(hand) }))

/** In cents, so that layers cost what does not divide evenly. */
const priceOf = (hand: Hand): number => (100 + Math.floor(hand.random() * 400)) / 100

export const buy = async (hand: Hand, admin: People['admin'], goods: Basket): Promise<void> => {
  const marker = `p${hand.fresh()}`
  const body = { supplier_id: SUPPLIER.id, line_items: linesOf(hand, goods), notes: marker }
  await hand.attempt({
    ...{ kind: 'purchase', marker, session: admin, moves: movesOf(goods, 1), numberIn: 'bill_number' },
    send: (sending) => hand.client.post('/purchases', { ...sending, body }),
  })
}

const sell = async (hand: Hand, { admin }: People): Promise<void> => {
  const [marker, goods] = [`s${hand.fresh()}`, basket(hand, 4)]
  const body = { customer_id: CUSTOMER.id, line_items: linesOf(hand, goods), notes: marker }
  const sold = await hand.attempt({
    ...{ kind: 'sale', marker, session: admin, moves: movesOf(goods, -1), numberIn: 'bill_number' },
    send: (sending) => hand.client.post('/sales', { ...sending, body }),
  })
  if (!sold || hand.random() < 0.7) return
  const params = { bill_number: String(sold['bill_number']) }
  await hand.attempt({
    ...{ kind: 'cancelled sale', marker, session: admin, moves: movesOf(goods, 1) },
    send: (sending) => hand.client.post('/sales/{bill_number}/cancel', { ...sending, params }),
  })
}

type Level = { onHand: number; reserved: number; valueMinor: bigint }

const stocksIn = async (db: Db) =>
  (await db.collection('stocks').find().toArray()).map(({ _id, levels }) => {
    const all = levels as Level[]
    return {
      id: String(_id),
      levels: all,
      onHand: all.reduce((sum, { onHand }) => sum + BigInt(onHand), 0n),
      valueMinor: all.reduce((sum, { valueMinor }) => sum + BigInt(valueMinor), 0n),
    }
  })

const belowZero = async ({ 'inventory-service': db }: Databases): Promise<string[]> =>
  (await stocksIn(db))
    .filter(({ levels }) => levels.some(({ onHand, reserved }) => onHand < 0 || reserved < 0 || reserved > onHand))
    .map(({ id }) => `the stock of ${id} is below zero`)

const wronglyValued = async ({ 'inventory-service': db, 'wallet-service': wallet }: Databases): Promise<string[]> => {
  const valueMinor = (await stocksIn(db)).reduce((sum, stock) => sum + stock.valueMinor, 0n)
  const account = await wallet.collection('accounts').findOne({ _id: 'house:inventory:USD' as never })
  const bookedMinor = BigInt((account?.['postedMinor'] as bigint | undefined) ?? 0n)
  return bookedMinor === valueMinor ? [] : [`the stock is worth ${valueMinor}, and ${bookedMinor} in the books`]
}

const wronglyNumbered = async (
  { 'inventory-service': db }: Databases,
  attempts: readonly Attempt[],
  { kind, collection }: { kind: string; collection: string },
): Promise<string[]> => {
  const rows = await db.collection(collection).find().toArray()
  const numbers = rows.map(({ _id }) => String(_id))
  const byMarker = new Map(rows.map(({ _id, notes }) => [String(notes), String(_id)]))
  return [...misnumbered(attempts, kind, byMarker), ...gaps(numbers)]
}

/** Within each day, numbers go from one up to how many there are. */
const gaps = (numbers: readonly string[]): string[] =>
  [...new Set(numbers.map(dayOf))].flatMap((day) => {
    const ofDay = numbers.filter((number) => dayOf(number) === day)
    const counts = new Set(ofDay.map((number) => Number(number.slice(day.length))))
    const missing = Array.from(counts, (_, index) => index + 1).filter((count) => !counts.has(count))
    return missing.map((count) => `${day}${count} is missing`)
  })

/** `SO-251223-` of `SO-251223-0026`. */
const dayOf = (number: string): string => number.slice(0, number.lastIndexOf('-') + 1)
