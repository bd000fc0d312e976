import { addMainWarehouse, stockCollections } from '@countinghouse/inventory-service/stock/migration'
import { createStock } from '@countinghouse/inventory-service/stock/stock'
import { openStock } from '@countinghouse/inventory-service/stock/terms'
import { createLog } from '@countinghouse/shared/log'
import { outbox } from '@countinghouse/shared/messaging/outbox'
import { defineCollection, ensureCollections } from '@countinghouse/shared/mongo/collection'
import { insertion } from '@countinghouse/shared/mongo/companion'
import { connectMongo } from '@countinghouse/shared/mongo/connect'
import { inTransaction } from '@countinghouse/shared/mongo/transaction'
import { uuidv7 } from '@countinghouse/shared/uuid'

const PIECES = 1_000_000_000
const AT = { warehouseId: 'main' } as const

type Bill = { _id: string; item: string; soldAt: Date }
const bills = defineCollection<Bill>('bills', { item: { type: String }, soldAt: { type: Date } })

/** The stock module alone, in this process: each sale is a bill with its number, a move, a layer, a level and an event. */
export const openStockEngine = async (mongodbUri: string, items: number) => {
  const log = createLog('bench', 'silent')
  const db = await connectMongo({ uri: mongodbUri, database: 'bench_stock_engine', service: 'bench', log })
  await db.dropDatabase()
  await ensureCollections(db, [...stockCollections, outbox, bills])
  await addMainWarehouse(db)
  const ids = Array.from({ length: items }, (_, item) => `item-${item}`)
  await inTransaction(db, async (tx) => {
    for (const itemId of ids) await openStock(tx, { itemId, method: 'fifo', lowBelow: null }, new Date())
  })
  const stock = createStock({ db, now: () => new Date(), currency: 'USD' })
  const causeOf = (step: string) => ({
    cause: { kind: 'bench', id: uuidv7(), step },
    actor: 'bench',
    effectiveAt: new Date(),
  })
  await stock.submit({
    ...causeOf('opening'),
    lines: ids.map((itemId) => ({
      ...{ kind: 'receive', type: 'opening', itemId, ...AT, quantity: PIECES, valueMinor: BigInt(PIECES) },
    })),
  })
  return {
    sell: async (item: number): Promise<void> => {
      const itemId = ids[item] ?? ''
      await stock.submit({
        ...causeOf('sold'),
        lines: [{ kind: 'issue', type: 'issue', itemId, ...AT, quantity: 1 }],
        series: { prefix: 'SO', day: new Date().toISOString().slice(0, 10) },
        companions: ({ number = '', postedAt }) => [
          insertion(bills, { _id: number, item: itemId, soldAt: postedAt }, () => new Error('twice')),
        ],
      })
    },
    close: async () => {
      await db.dropDatabase()
      await db.close()
    },
  }
}
