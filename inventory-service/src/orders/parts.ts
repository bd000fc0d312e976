import { Schema, type SchemaDefinition } from 'mongoose'
import { RETURN_STATUSES } from './domain/order.js'

const part = (fields: SchemaDefinition): Schema => new Schema(fields, { _id: false, strict: 'throw' })
const name = { type: String, required: true }
const amount = { type: BigInt, required: true }
const count = { type: Number, required: true }
const moment = { type: Date, required: true }

export const lineParts = part({
  ...{ product: name, name, itemId: name, vendorId: name, seller: name, quantity: count, returned: count },
  ...{ unitPriceMinor: amount, subtotalMinor: amount, discountMinor: amount, taxMinor: amount, totalMinor: amount },
  costMinor: BigInt,
})

export const shippingParts = part({ name, address: name, city: name, postalCode: name, country: name, phone: String })

export const refundParts = part({
  ...{ id: name, amountMinor: amount, reason: name, at: moment, refundId: String },
  status: { type: String, enum: ['due', 'done', 'failed'], required: true },
})

export const returnParts = part({
  ...{ id: name, reason: name, refundMinor: amount, requestedAt: moment, decidedAt: Date },
  lines: { type: [part({ product: name, quantity: count })], required: true },
  status: { type: String, enum: RETURN_STATUSES, required: true },
})
