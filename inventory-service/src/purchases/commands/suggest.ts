import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { refuse } from '../../errors.js'
import { getActiveParty } from '../../parties/commands.js'
import type { Wish } from '../../wish.js'
import type { Purchase } from '../domain/purchase.js'
import { findLastPurchaseOf } from '../store.js'
import { makeOf } from './create.js'
import type { Deps } from './deps.js'
import { withNames } from './lines.js'

/** Drafts the purchase of one item at the last price; nothing is ordered until somebody orders it. */
export const draftWish = async (deps: Deps, wish: Wish): Promise<Purchase> => {
  const { itemId, warehouseId, quantity, createdBy, notes, writes } = wish
  const reads = readsOn(deps.db)
  const last = await findLastPurchaseOf(reads, itemId)
  const supplierId = wish.supplierId ?? last?.supplierId
  if (supplierId === undefined) throw refuse('supplier_unknown', { item_id: itemId })
  const supplier = await getActiveParty(reads, 'supplier', supplierId)
  const unitPriceMinor = last?.lines.find((line) => line.itemId === itemId)?.unitPriceMinor ?? 0n
  const draft = {
    ...({ act: 'make', purchaseId: uuidv7(), as: 'draft', createdBy, notes, supplierReference: null } as const),
    ...{ supplierId, supplierName: supplier.name, warehouseId, dueOn: null, taxRateBps: last?.taxRateBps ?? 0n },
    lines: await withNames(reads, [{ itemId, quantity, unitPriceMinor }]),
  }
  return makeOf(deps, draft, (purchase) => ({ writes: writes(purchase), events: [] }))
}
