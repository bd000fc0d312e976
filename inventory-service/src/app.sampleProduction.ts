import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { ServiceKit } from '@countinghouse/shared/service'
import { gateDepsOf } from './app.approvals.js'
import { recordBlow } from './blows/commands.js'
import { blows } from './blows/store.js'
import type { Settings } from './config.js'
import { addItem } from './items/commands.js'
import { addParty } from './parties/commands.js'
import { createPurchase } from './purchases/commands/create.js'
import { purchases } from './purchases/store.js'
import { loadSampleProduction, type Deps } from './sampleProduction/commands.js'
import { MAIN_WAREHOUSE } from './stock/domain/stock.js'
import { createStock } from './stock/stock.js'

const MAKER = { userId: 'USER-RAJ', seesAll: false }

/** The sample data of the factory's purchases and production. */
export const loadProduction = (kit: ServiceKit<Settings>): Promise<void> => {
  const { db, log } = kit
  return loadSampleProduction({
    ...{ db, log, ...actsOf(kit) },
    addItem: (tx, { id, ...fields }, at) => addItem(tx, id, { ...fields, unit: 'pcs' }, at),
    addSupplier: (tx, { id, ...fields }, at) =>
      addParty(tx, { kind: 'supplier', id }, { ...fields, notes: null, paymentTermsDays: 30, active: true }, at),
    hasPurchases: async () => (await readsOn(db).findOne(purchases, {})) !== undefined,
    hasBlows: async () => (await readsOn(db).findOne(blows, {})) !== undefined,
  })
}

const actsOf = (kit: ServiceKit<Settings>): Pick<Deps, 'buy' | 'blow'> => {
  const gateDeps = gateDepsOf(kit)
  const { currency, dayOf } = gateDeps.approvalRules
  const depsAt = (at: Date) => {
    const now = () => at
    return { ...gateDeps, now, stock: createStock({ db: kit.db, now, currency }) }
  }
  return {
    buy: ({ at, supplierId, line }) => {
      const terms = { supplierId, lines: [line], warehouseId: MAIN_WAREHOUSE, taxRateBps: 0n, dueOn: null, notes: null }
      const asked = { ...terms, supplierReference: 'PW/1207', as: 'received', replaces: undefined } as const
      return createPurchase(depsAt(at), asked, MAKER, { made: () => [], waiting: () => [] })
    },
    blow: ({ at, ...run }) => {
      const costing = { blowCostPerUnitMinor: 0n, blowCostBasis: 'output', standardYieldBps: null } as const
      const terms = { ...run, ...costing, warehouseId: MAIN_WAREHOUSE, notes: null }
      return recordBlow({ ...depsAt(at), currency, dayOf }, terms, MAKER, () => [])
    },
  }
}
