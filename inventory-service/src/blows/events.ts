import { blowCompleted, blowReversed } from '@countinghouse/shared/contracts/blows'
import { newEvent, type Envelope } from '@countinghouse/shared/messaging/event'
import { toBookEntries } from '../bookEntries.js'
import { sidesOf, sidesOfReversal, type Blow } from './domain.js'

const runOf = (blow: Blow) => ({
  blow_id: blow._id,
  from_item_id: blow.fromItemId,
  to_item_id: blow.toItemId,
  warehouse_id: blow.warehouseId,
  input_quantity: blow.inputQuantity,
  quantity: blow.quantity,
  currency: blow.currency,
  material_cost_minor: blow.materialCostMinor,
  blow_cost_minor: blow.blowCostMinor,
  variance_minor: blow.varianceMinor,
  produced_cost_minor: blow.producedCostMinor,
  created_by: blow.createdBy,
  day: blow.day,
  version: blow.version,
  occurred_at: blow.updatedAt.toISOString(),
})

export const completed = (blow: Blow): Envelope[] => [
  newEvent(blowCompleted, blow._id, runOf(blow)),
  ...toBookEntries({
    ...{ document: { kind: 'blow', id: blow._id }, step: 'completed', currency: blow.currency, at: blow.updatedAt },
    ...{ sides: sidesOf(blow), description: `Blowing of ${blow.quantity.toString()} ${blow.toItemId}` },
  }),
]

/** The run is taken back, and its bottles leave the stock at this cost. */
export const reversed = (blow: Blow, leavingMinor: bigint): Envelope[] => {
  const reason = blow.reversal?.reason ?? ''
  return [
    newEvent(blowReversed, blow._id, { ...runOf(blow), reason }),
    ...toBookEntries({
      ...{ document: { kind: 'blow', id: blow._id }, step: 'reversed', currency: blow.currency, at: blow.updatedAt },
      ...{ sides: sidesOfReversal(blow, leavingMinor), description: `Blowing taken back: ${reason}` },
    }),
  ]
}
