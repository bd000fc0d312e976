import { wantsSampleData } from '@countinghouse/shared/config'
import type { ServiceDefinition } from '@countinghouse/shared/service'
import { approvalMigrations, approvalParts } from './app.approvals.js'
import { duplicateMigrations, duplicateParts } from './app.duplicates.js'
import { productionMigrations, productionParts } from './app.production.js'
import { purchaseMigrations, purchaseParts } from './app.purchases.js'
import { loadSample } from './app.sample.js'
import { loadProduction } from './app.sampleProduction.js'
import { salesMigrations, salesParts } from './app.sales.js'
import { shopMigrations, shopParts } from './app.shop.js'
import { stockMigrations, stockParts } from './app.stock.js'
import { readSettings, type Settings } from './config.js'
import { refusals } from './errors.js'
import { itemEndpoints } from './items/routes.js'
import { items } from './items/store.js'
import { addMainWarehouse, stockCollections } from './stock/migration.js'
import { createStock } from './stock/stock.js'
import { partyEndpoints } from './parties/routes.js'
import { parties } from './parties/store.js'

export const inventoryService: ServiceDefinition<Settings> = {
  name: 'inventory-service',
  readSettings,
  refusals,
  migrations: [
    { id: '0001-items', collections: [items] },
    { id: '0002-parties', collections: [parties.supplier, parties.customer] },
    { id: '0003-stock', collections: stockCollections, up: addMainWarehouse },
    ...approvalMigrations,
    ...salesMigrations,
    ...purchaseMigrations,
    ...productionMigrations,
    ...stockMigrations,
    ...duplicateMigrations,
    ...shopMigrations,
  ],
  build: (kit) => {
    const { db, now, settings } = kit
    const stock = createStock({ db, now, currency: settings.DEFAULT_CURRENCY })
    const sales = salesParts(kit, stock)
    const purchases = purchaseParts(kit, stock)
    const numbered = [...sales.numbered, ...purchases.numbered]
    const stocks = stockParts(kit, { ...purchases, stock, numbered })
    const approvals = approvalParts(kit, [...sales.kinds, ...purchases.kinds, ...stocks.kinds])
    const shop = shopParts(kit, stock)
    return {
      endpoints: [
        ...itemEndpoints({ db, now }),
        ...partyEndpoints({ db, now }, 'supplier'),
        ...partyEndpoints({ db, now }, 'customer'),
        ...stocks.endpoints,
        ...sales.endpoints,
        ...purchases.endpoints,
        ...productionParts(kit, stock).endpoints,
        ...duplicateParts(kit, stock).endpoints,
        ...approvals.endpoints,
        ...shop.endpoints,
      ],
      consumers: { ...sales.consumers, ...stocks.consumers, ...shop.consumers },
      prepare: async () => {
        if (!wantsSampleData(settings)) return
        await loadSample(kit)
        await loadProduction(kit)
        await shop.prepare?.()
      },
      background: [
        ...(sales.background ?? []),
        ...(stocks.background ?? []),
        ...(approvals.background ?? []),
        ...(shop.background ?? []),
      ],
    }
  },
}
