import { createServiceClient } from '@countinghouse/shared/http/client'
import type { Migration } from '@countinghouse/shared/mongo/migrations'
import type { ServiceKit, ServiceParts } from '@countinghouse/shared/service'
import type { ApprovalKind } from './approvals/commands.js'
import { gateDepsOf } from './app.approvals.js'
import type { Settings } from './config.js'
import { createCards } from './sales/cards.js'
import { saleKind } from './sales/commands/create.js'
import { saleConsumers } from './sales/consumers.js'
import { creditTerms } from './sales/credit.js'
import { salePayments, saleRefunds, saleReturns } from './sales/records.js'
import { creditEndpoints } from './sales/routes/credit.js'
import { invoiceEndpoints } from './sales/routes/invoice.js'
import { moneyEndpoints } from './sales/routes/money.js'
import { saleEndpoints } from './sales/routes/sales.js'
import { stepEndpoints } from './sales/routes/steps.js'
import { startSaleSweeper } from './sales/sweeper.js'
import { sales } from './sales/store.js'
import type { Numbered } from './selfCheck/store.js'
import type { Stock } from './stock/stock.js'
import { createWalletPayments } from './walletPayments.js'

export const salesMigrations: readonly Migration[] = [
  {
    id: '0005-sales',
    collections: [sales, salePayments, saleRefunds, saleReturns, creditTerms],
  },
]

type SalesParts = ServiceParts & { kinds: ApprovalKind[]; numbered: Numbered[] }

/** Sales, and what has to be approved of them. */
export const salesParts = (kit: ServiceKit<Settings>, stock: Stock): SalesParts => {
  const { settings, log, calendar, serviceToken } = kit
  const cards = createCards(
    createWalletPayments(createServiceClient('wallet-service', settings.WALLET_URL, serviceToken)),
  )
  const deps = {
    ...{ ...gateDepsOf(kit), stock, cards, timeZone: settings.BUSINESS_TIMEZONE },
    supportContact: settings.SUPPORT_CONTACT,
  }
  return {
    endpoints: [
      ...saleEndpoints(deps),
      ...stepEndpoints(deps),
      ...moneyEndpoints(deps),
      ...invoiceEndpoints(deps),
      ...creditEndpoints(deps),
    ],
    consumers: { 'inventory.sale-payment-events': saleConsumers(deps) },
    background: [() => startSaleSweeper({ ...deps, log, dayOf: calendar.dayOf })],
    kinds: [saleKind(deps)],
    numbered: [{ prefix: 'SO', collection: sales }],
  }
}
