import type { Migration } from '@countinghouse/shared/mongo/migrations'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { ServiceKit, ServiceParts } from '@countinghouse/shared/service'
import { gateDepsOf } from './app.approvals.js'
import type { ApprovalKind } from './approvals/commands.js'
import type { Settings } from './config.js'
import { purchaseKind } from './purchases/commands/approve.js'
import { draftWish } from './purchases/commands/suggest.js'
import { moneyEndpoints } from './purchases/routes/money.js'
import { purchaseEndpoints } from './purchases/routes/purchases.js'
import { stepEndpoints } from './purchases/routes/steps.js'
import { findPurchase, purchasePayments, purchases } from './purchases/store.js'
import type { Numbered } from './selfCheck/store.js'
import type { Stock } from './stock/stock.js'
import type { Wish } from './wish.js'

export const purchaseMigrations: readonly Migration[] = [
  { id: '0006-purchases', collections: [purchases, purchasePayments] },
]

type PurchaseParts = ServiceParts & {
  kinds: ApprovalKind[]
  numbered: Numbered[]
  isDraft: (number: string) => Promise<boolean>
  /** Drafts the purchase of an item that runs low; answers its number. */
  draftPurchase: (wish: Wish) => Promise<string>
}

/** Purchases, what has to be approved of them, and the drafts that others ask for. */
export const purchaseParts = (kit: ServiceKit<Settings>, stock: Stock): PurchaseParts => {
  const deps = { ...gateDepsOf(kit), stock, timeZone: kit.settings.BUSINESS_TIMEZONE }
  return {
    endpoints: [...purchaseEndpoints(deps), ...stepEndpoints(deps), ...moneyEndpoints(deps)],
    kinds: [purchaseKind(deps)],
    numbered: [{ prefix: 'PO', collection: purchases }],
    isDraft: async (number) => (await findPurchase(readsOn(kit.db), number, undefined))?.status === 'draft',
    draftPurchase: async (wish) => (await draftWish(deps, wish))._id,
  }
}
