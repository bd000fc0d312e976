import { Percent } from '../../percent.js'
import { Day, Id, nonNegativeAmountIn, positiveAmountIn, text } from '@countinghouse/shared/http/fields'
import { z } from 'zod'
import { COST_KINDS } from '../domain/costing.js'
import { PAYMENT_METHODS, PAYMENT_OUTCOMES } from '../domain/paying.js'

const LINES_MAX = 100
const ItemId = z.string().min(1).max(64).meta({ example: 'preform-500ml' })
const Quantity = z.number().int().positive().max(1_000_000_000)
const Goods = z
  .array(z.strictObject({ item_id: ItemId, quantity: Quantity }))
  .min(1)
  .max(LINES_MAX)

export const termsIn = (currency: string) => {
  const line = z.strictObject({ item_id: ItemId, quantity: Quantity, unit_price: nonNegativeAmountIn(currency) })
  const terms = {
    supplier_id: z.string().min(1).max(64).meta({ example: 'SUP-001' }),
    line_items: z.array(line).min(1).max(LINES_MAX),
    tax_rate: Percent.meta({ description: 'Percent on the price of each line' }),
    warehouse_id: z.string().min(1).max(64),
    due_date: Day,
    supplier_reference: text(100).nullable().meta({ description: 'The supplier’s own number of the bill' }),
    notes: text(2000).nullable(),
  }
  return {
    Purchase: z.strictObject({
      ...terms,
      tax_rate: terms.tax_rate.default(0n),
      warehouse_id: terms.warehouse_id.default('main'),
      due_date: terms.due_date
        .nullable()
        .default(null)
        .meta({ description: 'By the terms of the supplier, if not given' }),
      supplier_reference: terms.supplier_reference.default(null),
      notes: terms.notes.default(null),
      receive: z
        .boolean()
        .default(true)
        .meta({ description: 'Whether the goods are here; otherwise they are ordered' }),
      draft: z.boolean().default(false).meta({ description: 'Only a wish: nothing is ordered' }),
      replaces: Id.optional().meta({
        description: 'The approval of a waiting purchase that this one takes the place of',
      }),
    }),
    Changes: z.strictObject(terms).partial(),
  }
}

export const Receipt = z.strictObject({
  line_items: Goods.optional().meta({ description: 'All that is outstanding, if not given' }),
})

export const Return = z.strictObject({ line_items: Goods, reason: text(500) })

export const moneyIn = (currency: string) => {
  const amount = positiveAmountIn(currency)
  const reference = text(200).nullable().default(null)
  const money = { amount, reference, method: z.enum(PAYMENT_METHODS).default('bank') }
  return {
    Payment: z
      .strictObject({
        ...money,
        status: z.enum(PAYMENT_OUTCOMES).default('succeeded').meta({ description: 'A failed attempt stays on record' }),
        reason: text(500).nullable().default(null).meta({ description: 'Why it failed' }),
      })
      .refine(({ status, reason }) => status === 'succeeded' || reason !== null, {
        message: 'say why it failed',
        path: ['reason'],
      }),
    Cost: z
      .strictObject({
        kind: z.enum(COST_KINDS),
        amount: amount.meta({ description: 'Without tax' }),
        less: z
          .boolean()
          .default(false)
          .meta({ description: 'Whether the bill came to less than the order, not more' }),
        method: z.enum(['bank', 'cash']).default('bank').meta({ description: 'How a landed cost was paid' }),
        reason: text(500),
      })
      .refine(({ kind, less }) => !less || kind === 'bill_difference', {
        message: 'only a bill comes to less',
        path: ['less'],
      }),
    Refund: z.strictObject({ ...money, reason: text(500) }),
  }
}
