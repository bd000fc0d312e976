import { Overtaken } from '../overtaken.js'
import { Page, rangeOf } from '@countinghouse/shared/http/page'
import { defineCollection } from '@countinghouse/shared/mongo/collection'
import { insertion, type CompanionWrite } from '@countinghouse/shared/mongo/companion'
import type { Reads } from '@countinghouse/shared/mongo/transaction'
import { Schema, type SchemaDefinition, type mongo } from 'mongoose'
import { COST_KINDS } from './domain/costing.js'
import { PAYMENT_KINDS, PAYMENT_METHODS, PAYMENT_OUTCOMES, type Payment } from './domain/paying.js'
import { PAYMENT_STATUSES } from '../bills.js'
import { PURCHASE_STATUSES, type Purchase } from './domain/purchase.js'

const name = { type: String, required: true }
const amount = { type: BigInt, required: true }
const count = { type: Number, required: true }
const moment = { type: Date, required: true }
const list = (fields: SchemaDefinition) => ({
  type: [new Schema(fields, { _id: false })],
  required: true,
})

const part = { line: count, quantity: count }

export const purchases = defineCollection<Purchase>(
  'purchases',
  {
    ...{ purchaseId: name, supplierId: name, supplierName: name, warehouseId: name, currency: name },
    status: { type: String, enum: PURCHASE_STATUSES, required: true },
    lines: list({
      ...{ itemId: name, itemName: name, quantity: count, unitPriceMinor: amount },
      ...{ received: count, returned: count },
    }),
    receipts: list({ at: moment, by: name, parts: list({ ...part, moveId: name, returned: count }) }),
    returns: list({
      ...{ at: moment, by: name, reason: name, parts: list(part), creditMinor: amount, costMinor: amount },
    }),
    costChanges: list({
      ...{ at: moment, by: name, reason: name, amountMinor: amount, taxMinor: amount, toStockMinor: amount },
      kind: { type: String, enum: COST_KINDS, required: true },
    }),
    ...{ taxRateBps: amount, totalMinor: amount, paidMinor: amount, paymentCount: count },
    lastPaymentFailed: { type: Boolean, required: true },
    paymentStatus: { type: String, enum: PAYMENT_STATUSES, required: true },
    ...{ day: name, dueOn: name, supplierReference: String, notes: String, createdBy: name },
    ...{ createdAt: moment, updatedAt: moment, version: count, deletedAt: Date },
  },
  {
    indexes: [
      { fields: { createdAt: -1, _id: -1 } },
      { fields: { supplierId: 1, createdAt: -1, _id: -1 } },
      { fields: { createdBy: 1, createdAt: -1, _id: -1 } },
      { fields: { paymentStatus: 1, dueOn: 1 } },
      { fields: { 'lines.itemId': 1, createdAt: -1 } },
    ],
    invariants: [{ $gte: ['$paidMinor', 0] }],
  },
)

export const purchasePayments = defineCollection<Payment>(
  'purchase_payments',
  {
    ...{ billNumber: name, sequence: count, amountMinor: amount },
    kind: { type: String, enum: PAYMENT_KINDS, required: true },
    outcome: { type: String, enum: PAYMENT_OUTCOMES, required: true },
    method: { type: String, enum: PAYMENT_METHODS, required: true },
    ...{ reference: String, reason: String, day: name, createdBy: name, createdAt: moment },
  },
  { indexes: [{ fields: { billNumber: 1, sequence: 1 }, options: { unique: true } }, { fields: { day: 1 } }] },
)

/** Somebody else took a step with the purchase since it was read. */
export const purchaseInsertion = (purchase: Purchase): CompanionWrite =>
  insertion(purchases, purchase, () => new Error(`The number ${purchase._id} was drawn twice`))

export const purchaseUpdate = (before: Purchase, { _id, ...after }: Purchase): CompanionWrite => ({
  kind: 'update',
  into: purchases,
  filter: { _id, version: before.version },
  update: { $set: after },
  otherwise: () => new Overtaken(),
})

export const paymentInsertion = (payment: Payment): CompanionWrite =>
  insertion(purchasePayments, payment, () => new Overtaken())

export const findPayments = (reads: Reads, billNumber: string): Promise<Payment[]> =>
  reads.find(purchasePayments, { billNumber }, { sort: { sequence: 1 } })

/** `createdBy` for those who see their own alone. */
export const findPurchase = (reads: Reads, id: string, createdBy: string | undefined) =>
  reads.findOne(purchases, { _id: id, deletedAt: null, ...(createdBy !== undefined && { createdBy }) })

/** The last price of an item, and who asked it. */
export const findLastPurchaseOf = async (reads: Reads, itemId: string): Promise<Purchase | undefined> => {
  const bought = { 'lines.itemId': itemId, status: { $nin: ['draft', 'cancelled'] } } as mongo.Filter<Purchase>
  return (await reads.find(purchases, bought, { sort: { createdAt: -1 }, limit: 1 }))[0]
}

export type PurchaseQuery = {
  supplierId?: string | undefined
  itemId?: string | undefined
  status?: Purchase['status'] | undefined
  paymentStatus?: Purchase['paymentStatus'] | undefined
  unpaid?: boolean | undefined
  /** Overdue at this day. */
  overdueOn?: string | undefined
  period?: { from?: Date; before?: Date } | undefined
  createdBy?: string | undefined
}

export const listPurchases = async (
  reads: Reads,
  query: PurchaseQuery,
  { sort, ...at }: { page: number; page_size: number; sort: Record<string, 1 | -1> },
): Promise<Page<Purchase>> => {
  const filter = toFilter(query)
  const found = await reads.find(purchases, filter, { sort, ...rangeOf(at) })
  return new Page(found, await reads.count(purchases, filter), at)
}

const toFilter = (query: PurchaseQuery): mongo.Filter<Purchase> => {
  const { supplierId, itemId, status, paymentStatus, unpaid, overdueOn, period = {}, createdBy } = query
  const conditions: mongo.Filter<Purchase>[] = [
    ...(supplierId === undefined ? [] : [{ supplierId }]),
    ...(itemId === undefined ? [] : [{ 'lines.itemId': itemId } as mongo.Filter<Purchase>]),
    ...(status ? [{ status }] : []),
    ...(paymentStatus ? [{ paymentStatus }] : []),
    ...(unpaid ? [OWED] : []),
    ...(overdueOn === undefined ? [] : [OWED, { dueOn: { $lt: overdueOn } }]),
    ...(period.from ? [{ createdAt: { $gte: period.from } }] : []),
    ...(period.before ? [{ createdAt: { $lt: period.before } }] : []),
    ...(createdBy === undefined ? [] : [{ createdBy }]),
  ]
  return { deletedAt: null, ...(conditions.length > 0 && { $and: conditions }) }
}

const OWED: mongo.Filter<Purchase> = { paymentStatus: { $ne: 'paid' }, status: { $nin: ['draft', 'cancelled'] } }
