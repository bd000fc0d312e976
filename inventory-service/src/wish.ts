import type { CompanionWrite } from '@countinghouse/shared/mongo/companion'

/** A purchase that somebody wants drafted. */
export type Wish = {
  itemId: string
  warehouseId: string
  quantity: number
  /** Undefined for whoever delivered the item last. */
  supplierId: string | undefined
  createdBy: string
  notes: string | null
  /** What commits with the draft. */
  writes: (purchase: { _id: string }) => CompanionWrite[]
}
