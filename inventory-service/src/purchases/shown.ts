import { toWireAmount } from '@countinghouse/shared/money'
import type { AskedCost } from './domain/costing.js'
import type { PurchaseTerms } from './domain/purchase.js'

/** What those who approve are shown of a purchase that is not made, or of an edit of one that is. */
export type Shown = Partial<Omit<PurchaseTerms, 'dueOn'> & AskedCost> & {
  act: 'make' | 'order' | 'change' | 'cost'
  number?: string
  as?: string
  dueOn?: string | null
  changes?: Partial<PurchaseTerms>
}

export const toShown = ({ changes, ...shown }: Shown, currency: string): object => {
  const { act, number, as, lines, taxRateBps, kind, reason, amountMinor, ...terms } = { ...shown, ...changes }
  const { supplierId, supplierName, supplierReference, warehouseId, dueOn, notes } = terms
  return {
    ...{ act, bill_number: number, as, supplier_id: supplierId, supplier_name: supplierName },
    line_items: lines?.map(({ itemId, itemName, quantity, unitPriceMinor }) => ({
      ...{ item_id: itemId, item_name: itemName, quantity, unit_price: toWireAmount(unitPriceMinor, currency) },
    })),
    ...{ kind, reason, amount: amountMinor === undefined ? undefined : toWireAmount(amountMinor, currency) },
    tax_rate: taxRateBps === undefined ? undefined : toWireAmount(taxRateBps, 'USD'),
    ...{ warehouse_id: warehouseId, due_date: dueOn, supplier_reference: supplierReference, notes },
  }
}
