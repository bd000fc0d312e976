import { isDueBy, where } from '@countinghouse/shared/mongo/partial'
import { Overtaken } from '../overtaken.js'
import { Page, rangeOf } from '@countinghouse/shared/http/page'
import { defineCollection } from '@countinghouse/shared/mongo/collection'
import { insertion, type CompanionWrite } from '@countinghouse/shared/mongo/companion'
import type { Reads } from '@countinghouse/shared/mongo/transaction'
import type { mongo } from 'mongoose'
import { refuse } from '../errors.js'
import {
  CHECKOUT_STEPS,
  ORDER_PAYMENT_METHODS,
  ORDER_PAYMENT_STATUSES,
  ORDER_STATUSES,
  type Order,
  type OrderStatus,
} from './domain/order.js'
import { lineParts, refundParts, returnParts, shippingParts } from './parts.js'

const name = { type: String, required: true }
const amount = { type: BigInt, required: true }
const count = { type: Number, required: true }
const moment = { type: Date, required: true }
const oneOf = (values: readonly string[]) => ({ type: String, enum: values, required: true })

export const orders = defineCollection<Order>(
  'orders',
  {
    ...{ userId: name, username: name, email: String, currency: name, couponCode: String, cartId: String },
    ...{ lines: { type: [lineParts], required: true }, shipping: { type: shippingParts, required: true } },
    ...{ subtotalMinor: amount, discountMinor: amount, taxMinor: amount, shippingMinor: amount, totalMinor: amount },
    ...{ method: oneOf(ORDER_PAYMENT_METHODS), status: oneOf(ORDER_STATUSES) },
    ...{ paymentStatus: oneOf(ORDER_PAYMENT_STATUSES), cancelReason: String, step: oneOf(CHECKOUT_STEPS) },
    ...{ dueAt: Date, tries: count, payBy: Date, paymentId: String, clientSecret: String, failure: Object },
    ...{ refunds: { type: [refundParts], required: true }, returns: { type: [returnParts], required: true } },
    history: { type: [Object], required: true },
    ...{ placedAt: moment, paidAt: Date, shippedAt: Date, deliveredAt: Date, version: count, updatedAt: moment },
  },
  {
    indexes: [
      { fields: { userId: 1, placedAt: -1, _id: -1 } },
      { fields: { status: 1, placedAt: -1, _id: -1 } },
      { fields: { placedAt: -1, _id: -1 } },
      { fields: { userId: 1, 'lines.product': 1 } },
      { fields: { 'lines.vendorId': 1, paidAt: 1 } },
      { fields: { dueAt: 1 }, options: where('dueAt', 'date') },
    ],
    invariants: [
      {
        $eq: [
          '$totalMinor',
          { $add: [{ $subtract: ['$subtotalMinor', '$discountMinor'] }, '$taxMinor', '$shippingMinor'] },
        ],
      },
    ],
  },
)

/** What became an order once for all: a request by its key, a cart as it was. */
export type Checkout = { _id: string; orderNumber: string; fingerprint: string | null; at: Date }

export const checkouts = defineCollection<Checkout>(
  'checkouts',
  { orderNumber: name, fingerprint: String, at: moment },
  { indexes: [{ fields: { at: 1 }, options: { expireAfterSeconds: 90 * 24 * 3600 } }] },
)

/** Somebody else took a step with the order since it was read. */
export class OrderChanged extends Overtaken {}

export const findOrder = (reads: Reads, number: string): Promise<Order | undefined> =>
  reads.findOne(orders, { _id: number })

export const getOrder = async (reads: Reads, number: string): Promise<Order> => {
  const order = await findOrder(reads, number)
  if (!order) throw refuse('order_not_found', { order_number: number })
  return order
}

export const findCheckout = (reads: Reads, id: string): Promise<Checkout | undefined> =>
  reads.findOne(checkouts, { _id: id })

export const orderInsertion = (order: Order): CompanionWrite =>
  insertion(orders, order, () => new Error(`${order._id} was given before`))

/** Over the version that the step was decided on. */
export const orderUpdate = (before: Order, { _id, ...after }: Order): CompanionWrite => ({
  ...{ kind: 'update', into: orders, filter: { _id, version: before.version } },
  ...{ update: { $set: after }, otherwise: () => new OrderChanged() },
})

/** What somebody should look at by now, the longest overdue first. */
export const findDue = (reads: Reads, at: Date, limit: number): Promise<Order[]> =>
  reads.find(orders, { dueAt: isDueBy(at) }, { sort: { dueAt: 1 }, limit })

/** How many should have been looked at before that moment. */
export const countOverdue = (reads: Reads, before: Date): Promise<number> =>
  reads.count(orders, { dueAt: isDueBy(before) })

/** Paid for and not taken back. */
export const hasBought = async (reads: Reads, userId: string, product: string): Promise<boolean> => {
  const kept = { status: { $in: ['processing', 'shipped', 'delivered'] as OrderStatus[] } }
  return (await reads.findOne(orders, { userId, 'lines.product': product, ...kept })) !== undefined
}

export type OrderQuery = {
  userId: string | undefined
  status: OrderStatus | undefined
  placed: { from?: Date; before?: Date }
}

type At = { page: number; page_size: number }

export const listOrders = async (
  reads: Reads,
  { userId, status, placed }: OrderQuery,
  at: At,
): Promise<Page<Order>> => {
  const time = {
    ...(placed.from && { $gte: placed.from }),
    ...(placed.before && { $lt: placed.before }),
  }
  const filter = {
    ...(userId !== undefined && { userId }),
    ...(status !== undefined && { status }),
    ...(Object.keys(time).length > 0 && { placedAt: time }),
  } as mongo.Filter<Order>
  const found = await reads.find(orders, filter, { sort: { placedAt: -1, _id: -1 }, ...rangeOf(at) })
  return new Page(found, await reads.count(orders, filter), at)
}
