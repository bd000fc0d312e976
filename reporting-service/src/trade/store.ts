import { defineCollection } from '@countinghouse/shared/mongo/collection'
import type { Bill, Blow, Count, Level, Move, Rating } from './domain.js'

const text = { type: String, required: true } as const
const amount = { type: BigInt, required: true } as const
const number = { type: Number, required: true } as const
const date = { type: Date, required: true } as const

export const bills = defineCollection<Bill>(
  'trade_bills',
  {
    ...{ kind: text, number: text, partyId: text, partyName: text, createdBy: text, currency: text },
    ...{ totalMinor: amount, creditedMinor: amount, paidMinor: amount, refundedMinor: amount, dueMinor: amount },
    ...{ status: text, paymentStatus: text, day: text, dueOn: text, version: number, linesVersion: number },
    ...{ at: date, madeAt: date, deleted: { type: Boolean, required: true } },
    ...{ lines: { type: [Object], required: true }, returned: { type: [Object], required: true } },
    ...{ vendorLines: { type: [Object], required: true }, vendorReturned: { type: [Object], required: true } },
    ...{ payments: { type: [Object], required: true }, refunds: { type: [Object], required: true } },
  },
  { indexes: [{ fields: { kind: 1, day: 1 } }, { fields: { kind: 1, partyId: 1 } }] },
)

export const blows = defineCollection<Blow>(
  'trade_blows',
  {
    ...{ fromItemId: text, toItemId: text, inputQuantity: number, quantity: number, currency: text },
    ...{ materialMinor: amount, blowCostMinor: amount, producedMinor: amount, varianceMinor: amount },
    ...{ day: text, at: date, version: number, reversed: { type: Boolean, required: true } },
  },
  { indexes: [{ fields: { day: 1 } }] },
)

export const levels = defineCollection<Level>(
  'stock_levels',
  {
    ...{ itemId: text, warehouseId: text, onHand: number, reserved: number, incoming: number },
    ...{ valueMinor: amount, currency: text, version: number, at: date },
  },
  { indexes: [{ fields: { itemId: 1 } }] },
)

export const moves = defineCollection<Move>(
  'stock_moves',
  { itemId: text, warehouseId: text, type: text, quantity: number, valueMinor: amount, at: date },
  // All that is ever asked of moves, so that they themselves need not be read.
  { indexes: [{ fields: { itemId: 1, at: 1, type: 1, quantity: 1, valueMinor: 1 } }] },
)

export const counts = defineCollection<Count>(
  'stock_counts',
  { warehouseId: text, day: text, at: date, lines: { type: [Object], required: true } },
  { indexes: [{ fields: { day: 1 } }] },
)

export const ratings = defineCollection<Rating>(
  'shop_ratings',
  { name: text, itemId: text, vendorId: text, seller: text, sum: number, count: number, version: number },
  { indexes: [{ fields: { vendorId: 1 } }] },
)

/** How items are called, as far as bills tell. */
export const itemNames = defineCollection<{ _id: string; name: string; at: Date }>('trade_items', {
  name: text,
  at: date,
})

export const tradeCollections = [bills, blows, levels, moves, itemNames, counts, ratings]
