import type { Log } from '@countinghouse/shared/log'
import { acquireLease } from '@countinghouse/shared/mongo/lease'
import { inTransaction, type Tx } from '@countinghouse/shared/mongo/transaction'
import { Refusal } from '@countinghouse/shared/refusal'
import type { Connection } from 'mongoose'
import {
  SAMPLE_CUSTOMERS,
  SAMPLE_ITEMS,
  SAMPLE_SALES,
  openingQuantity,
  type SampleItem,
  type SampleSale,
} from './domain.js'

export type SampleLine = { itemId: string; quantity: number; unitPriceMinor: bigint }

/** What the service does for anybody, as far as the sample data needs it; trade by a clock that shows another time. */
export type Deps = {
  db: Connection
  log: Log
  isTaken(): Promise<boolean>
  addItem(tx: Tx, item: SampleItem, at: Date): Promise<unknown>
  addCustomer(tx: Tx, customer: (typeof SAMPLE_CUSTOMERS)[number], at: Date): Promise<unknown>
  hasStock(itemId: string): Promise<boolean>
  countSales(): Promise<number>
  at(now: Date): {
    open(itemId: string, quantity: number, worthMinor: bigint): Promise<unknown>
    sell(customerId: string, lines: SampleLine[]): Promise<string>
    settle(billNumber: string): Promise<unknown>
  }
}

const LEASE_TTL_MS = 60_000
const BEFORE_TRADE = new Date('2025-12-23T03:00:00Z')

/** Items, customers and one day of sales, on a system without; what a stop left undone is done at the next start. */
export const loadSampleTrade = async (deps: Deps): Promise<void> => {
  if (await deps.isTaken()) return
  const lease = await acquireLease(deps.db, 'sample-trade', LEASE_TTL_MS)
  if (!lease) return
  try {
    await load(deps)
  } catch (error) {
    // Stricter settings are no reason not to start.
    if (!(error instanceof Refusal)) throw error
    deps.log.warn({ code: error.code, reason: error.message }, 'Not all of the sample sales could be made')
  } finally {
    await lease.release()
  }
}

const load = async (deps: Deps): Promise<void> => {
  for (const item of SAMPLE_ITEMS) await once(deps.db, (tx) => deps.addItem(tx, item, BEFORE_TRADE))
  for (const customer of SAMPLE_CUSTOMERS) await once(deps.db, (tx) => deps.addCustomer(tx, customer, BEFORE_TRADE))
  for (const [index, { id, unitCostMinor }] of SAMPLE_ITEMS.entries()) {
    const quantity = openingQuantity(index === 0 ? 0 : 1)
    if (!(await deps.hasStock(id))) await deps.at(BEFORE_TRADE).open(id, quantity, BigInt(quantity) * unitCostMinor)
  }
  for (const sale of SAMPLE_SALES.slice(await deps.countSales())) await makeSale(deps, sale)
}

const makeSale = async (deps: Deps, { at, customerId, quantities, isSettled }: SampleSale): Promise<void> => {
  const lines = SAMPLE_ITEMS.map(({ id, unitPriceMinor }, index) => ({
    ...{ itemId: id, unitPriceMinor, quantity: quantities[index === 0 ? 0 : 1] },
  }))
  const trade = deps.at(at)
  const number = await trade.sell(customerId, lines)
  if (isSettled) await trade.settle(number)
}

const once = async (db: Connection, act: (tx: Tx) => Promise<unknown>): Promise<void> => {
  await inTransaction(db, act).catch((error: unknown) => {
    if (!(error instanceof Refusal && error.code.endsWith('_exists'))) throw error
  })
}
