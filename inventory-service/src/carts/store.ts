import { defineCollection } from '@countinghouse/shared/mongo/collection'
import type { CompanionWrite } from '@countinghouse/shared/mongo/companion'
import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
import { Schema } from 'mongoose'
import type { Cart } from './domain/cart.js'

const line = new Schema(
  {
    product: { type: String, required: true },
    quantity: { type: Number, required: true },
    seenPriceMinor: { type: BigInt, required: true },
  },
  { _id: false },
)

export const carts = defineCollection<Cart>(
  'carts',
  {
    lines: { type: [line], required: true },
    couponCode: String,
    generation: { type: Number, required: true },
    version: { type: Number, required: true },
    expiresAt: Date,
    updatedAt: { type: Date, required: true },
  },
  { indexes: [{ fields: { expiresAt: 1 }, options: { expireAfterSeconds: 0 } }] },
)

export const findCart = (reads: Reads, id: string): Promise<Cart | undefined> => reads.findOne(carts, { _id: id })

export const saveCart = (tx: Tx, cart: Cart): Promise<void> => tx.replace(carts, cart)

export const removeCart = (tx: Tx, id: string): Promise<number> => tx.remove(carts, { _id: id })

/** The cart as it was read has become an order, and begins anew. */
export const cartOrdered = ({ _id, version, generation }: Cart, otherwise: () => Error): CompanionWrite => ({
  ...{ kind: 'update', into: carts, filter: { _id, version }, otherwise },
  update: { $set: { lines: [], couponCode: null, generation: generation + 1 }, $inc: { version: 1 } },
})
