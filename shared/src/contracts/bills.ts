import { z } from 'zod'
import { MinorUnits } from '../messaging/event.js'

/** What the events of both kinds of bills say alike: those that the house writes, and those that it gets. */
export const BillLine = z.object({
  item_id: z.string(),
  item_name: z.string(),
  quantity: z.number().int(),
  unit_price_minor: MinorUnits,
  /** Quantity times unit price, without tax and before any discount. */
  total_minor: MinorUnits,
  tax_minor: MinorUnits,
})

/** Goods on their way in, or back; without tax it is what they are priced at. */
export const BillGoods = z.object({
  item_id: z.string(),
  quantity: z.number().int(),
  net_minor: MinorUnits,
  tax_minor: MinorUnits,
})

export const billState = {
  bill_number: z.string(),
  /** Who made it. */
  created_by: z.string(),
  currency: z.string(),
  total_minor: MinorUnits,
  paid_minor: MinorUnits,
  payment_status: z.enum(['pending', 'partial', 'paid', 'failed']),
  /** The business day on which it was made, and the one on which it falls due. */
  day: z.iso.date(),
  due_on: z.iso.date(),
  version: z.number().int(),
  occurred_at: z.iso.datetime(),
}

export const billPayment = {
  payment_id: z.string(),
  amount_minor: MinorUnits,
  method: z.enum(['cash', 'bank', 'card']),
  reference: z.string().nullable(),
}
