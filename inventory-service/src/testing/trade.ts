import { bookEntryDue } from '@countinghouse/shared/contracts/books'
import { announced } from '@countinghouse/shared/testing/events'
import type { TestService } from '@countinghouse/shared/testing/service'
import type { Response } from 'supertest'
import type { Settings } from '../config.js'
import { createStock } from '../stock/stock.js'
import { callerOf, startInventory, type Call, type Method } from './service.js'
import { receipt, step } from './stock.js'

export const AMBER = 'bottle-500ml-a'
export const CLEAR = 'bottle-1500ml-a'

type Line = { item_id: string; quantity: number; unit_price?: number; discount?: number }

export type TradeHouse = TestService & {
  call(method: Method, path: string, call?: Call): Promise<Response>
  /** A new item with so much of it in stock, at this cost together. */
  stocked(itemId: string, quantity: number, valueMinor?: bigint): Promise<void>
  /** Staff sell to CUST-001. */
  sell(
    lines: Line[],
    more?: { userId?: string; key?: string; query?: object } & Record<string, unknown>,
  ): Promise<Response>
  levelOf(itemId: string): Promise<{ onHand: number; valueMinor: bigint }>
  /** What the entries that a document is due come to, by account: debits above zero. */
  bookedFor(number?: string): Promise<Record<string, bigint>>
}

/** inventory-service with a customer, and what tests of trade ask of it most. */
export const openTradeHouse = async (settings: Partial<Settings> = {}): Promise<TradeHouse> => {
  const service = await startInventory(settings)
  const call = async (method: Method, path: string, asked?: Call): Promise<Response> =>
    callerOf(service)(method, path, asked)
  const stock = createStock({ db: service.db, now: () => new Date(), currency: 'USD' })
  const customer = { id: 'CUST-001', name: 'ABC Grocery', payment_terms_days: 30 }
  await call('post', '/trade-customers', { body: customer })
  return {
    ...service,
    call,
    stocked: async (id, quantity, valueMinor = BigInt(quantity) * 100n) => {
      await call('post', '/items', { body: { id, name: `Bottle ${id}`, type: 'bottle' } })
      if (quantity > 0) await stock.submit(step([receipt({ itemId: id, quantity }, valueMinor)]))
    },
    sell: (lines, { userId, key, query, ...more } = {}) =>
      call('post', '/sales', {
        ...(userId !== undefined && { userId }),
        ...(key !== undefined && { key }),
        ...(query && { query }),
        body: {
          customer_id: 'CUST-001',
          line_items: lines.map((line) => ({ unit_price: 4, ...line })),
          ...more,
        },
      }),
    levelOf: async (itemId) => {
      const { stocks } = await import('../stock/store.js')
      const found = await service.db.db?.collection(stocks.name).findOne({ _id: itemId as never })
      const [level] = (found?.['levels'] ?? []) as { onHand: number; valueMinor: bigint }[]
      return { onHand: level?.onHand ?? 0, valueMinor: level?.valueMinor ?? 0n }
    },
    bookedFor: async (number) => {
      const totals: Record<string, bigint> = {}
      for (const { subject, data } of await announced(service.db, bookEntryDue)) {
        if (number !== undefined && subject !== number) continue
        for (const { account, side, amount_minor: amount } of bookEntryDue.schema.parse(data).lines)
          totals[account] = (totals[account] ?? 0n) + (side === 'debit' ? amount : -amount)
      }
      return Object.fromEntries(Object.entries(totals).filter(([, amount]) => amount !== 0n))
    },
  }
}

/** As many calls as asked for, all under way at once. */
export const atOnce = <Result>(times: number, call: (index: number) => Promise<Result>): Promise<Result[]> =>
  Promise.all(Array.from({ length: times }, (_, index) => call(index)))

/** How often each status was answered: `{ 201: 3, 409: 17 }`. */
export const tally = (answers: readonly { status: number }[]): Record<number, number> => {
  const counts: Record<number, number> = {}
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
  return counts
}
