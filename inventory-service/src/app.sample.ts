import { readsOn, inTransaction } from '@countinghouse/shared/mongo/transaction'
import type { ServiceKit } from '@countinghouse/shared/service'
import { adjust } from './adjustments/commands.js'
import { gateDepsOf } from './app.approvals.js'
import { WaitsForApproval } from './approvals/gate.js'
import type { Settings } from './config.js'
import { addItem } from './items/commands.js'
import { addParty } from './parties/commands.js'
import { loadSampleTrade, type Deps } from './sample/commands.js'
import { createSale } from './sales/commands/create.js'
import { recordPayment } from './sales/commands/payments.js'
import { shipSale } from './sales/commands/steps.js'
import { sales } from './sales/store.js'
import { MAIN_WAREHOUSE } from './stock/domain/stock.js'
import { createStock } from './stock/stock.js'
import { findStock } from './stock/reading.js'

const STAFF = 'USER-RAJ'
const DAY = '2025-12-23'

/** The sample data of the factory's trade. */
export const loadSample = (kit: ServiceKit<Settings>): Promise<void> => {
  const { db, log } = kit
  const countSales = () => readsOn(db).count(sales, { day: DAY })
  return loadSampleTrade({
    ...{ db, log, countSales },
    isTaken: async () => (await readsOn(db).count(sales, { _id: 'SO-251223-0026' })) > 0,
    addItem: (tx, { id, name, size }, at) =>
      addItem(tx, id, { name, type: 'bottle', size, grade: 'A', unit: 'pcs' }, at),
    addCustomer: (tx, { id, ...fields }, at) =>
      addParty(tx, { kind: 'customer', id }, { ...fields, notes: null, paymentTermsDays: 30, active: true }, at),
    hasStock: async (itemId) => ((await findStock(readsOn(db), itemId))?.levels.length ?? 0) > 0,
    at: (at) => tradeAt(kit, at),
  })
}

const tradeAt = (kit: ServiceKit<Settings>, at: Date): ReturnType<Deps['at']> => {
  const now = () => at
  const stock = createStock({ db: kit.db, now, currency: kit.settings.DEFAULT_CURRENCY })
  const deps = { ...gateDepsOf(kit), now, stock }
  const maker = { userId: STAFF, isAdmin: false, seesAll: false }
  const nothing = { made: () => [], waiting: () => [] }
  return {
    open: (itemId, delta, worthMinor) => {
      const opening = { itemId, warehouseId: MAIN_WAREHOUSE, delta, reason: 'opening', note: null, worthMinor } as const
      return adjust(deps, opening, maker, nothing)
    },
    sell: async (customerId, asked) => {
      const lines = asked.map((line) => ({ ...line, blowPriceMinor: null, discountMinor: 0n }))
      const terms = { discountMinor: 0n, taxRateBps: 0n, dueOn: null, notes: null, replaces: undefined }
      const sale = { customerId, warehouseId: MAIN_WAREHOUSE, lines, ...terms }
      const made = await createSale(deps, sale, maker, nothing)
      return made instanceof WaitsForApproval ? made.approval._id : made._id
    },
    settle: (number) =>
      inTransaction(kit.db, async (tx) => {
        const step = { number, by: maker }
        await shipSale(tx, step, at)
        await recordPayment(tx, step, { amountMinor: undefined, method: 'cash', reference: null }, at)
      }),
  }
}
