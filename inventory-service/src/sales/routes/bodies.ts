import { Percent } from '../../percent.js'
import {
  Day,
  Id,
  nonNegativeAmountIn,
  pageQuery,
  positiveAmountIn,
  orderingBy,
  text,
} from '@countinghouse/shared/http/fields'
import { z } from 'zod'
import { PAYMENT_STATUSES } from '../../bills.js'
import { SALE_STATUSES } from '../domain/sale.js'

export const BillNumber = z.string().min(1).max(40).meta({ example: 'SO-251223-0026' })
const ItemId = z.string().min(1).max(64).meta({ example: 'bottle-500ml-a' })
const Quantity = z.number().int().positive().max(1_000_000_000)
const LINES_MAX = 100
const notes = text(2000).nullable()
const reference = text(200).nullable()

export const bodiesIn = (currency: string) => {
  const Price = nonNegativeAmountIn(currency)
  const Amount = positiveAmountIn(currency)
  return {
    Sale: z.strictObject({
      customer_id: z.string().min(1).max(64),
      line_items: z
        .array(
          z.strictObject({
            item_id: ItemId,
            quantity: Quantity,
            unit_price: Price,
            blow_price: Price.nullable().default(null),
            discount: Price.default(0n).meta({ description: 'Off the whole line' }),
          }),
        )
        .min(1)
        .max(LINES_MAX),
      discount: Price.default(0n).meta({ description: 'Off the whole bill, beside the discounts of its lines' }),
      tax_rate: Percent.default(0n).meta({ description: 'Percent on what is left after discounts' }),
      warehouse_id: z.string().min(1).max(64).default('main'),
      due_date: Day.nullable().default(null).meta({ description: 'By the terms of the customer, if it is not given' }),
      notes: notes.default(null),
      replaces: Id.optional().meta({ description: 'The approval of a waiting sale that this one takes the place of' }),
    }),
    Edit: z.strictObject({
      due_date: Day.optional(),
      notes: notes.optional(),
      status: z.enum(['shipped', 'cancelled']).optional(),
    }),
    Payment: z.strictObject({
      amount: Amount.optional().meta({ description: 'All that is owed, if it is not given' }),
      method: z.enum(['cash', 'bank', 'card']).default('cash'),
      reference: reference.default(null),
      payment_method: text(200).optional().meta({ description: 'The card, as the payment provider names it' }),
    }),
    Refund: z
      .strictObject({
        amount: Amount,
        method: z.enum(['cash', 'bank', 'card']).default('cash'),
        payment_id: Id.optional().meta({ description: 'The card payment that goes back' }),
        reference: reference.default(null),
        reason: text(500),
      })
      .refine(({ method, payment_id }) => (method === 'card') === (payment_id !== undefined), {
        path: ['payment_id'],
        message: 'a card payment is named, and nothing else is',
      }),
    Return: z.strictObject({
      line_items: z
        .array(z.strictObject({ item_id: ItemId, quantity: Quantity }))
        .min(1)
        .max(LINES_MAX),
      restock: z.boolean().default(true).meta({ description: 'Whether the goods go back into stock' }),
      reason: text(500),
    }),
    Credit: z.strictObject({ limit: nonNegativeAmountIn(currency).nullable() }),
  }
}

const flag = z.enum(['true', 'false']).transform((value) => value === 'true')

export const saleQuery = z.object({
  ...pageQuery,
  customer_id: z.string().max(64).optional(),
  status: z.enum(SALE_STATUSES).optional(),
  payment_status: z.enum(PAYMENT_STATUSES).optional(),
  unpaid: flag.optional(),
  overdue: flag.optional(),
  from: Day.optional().meta({ description: 'Made on this business day or later' }),
  to: Day.optional().meta({ description: 'Made on this business day or earlier' }),
  search: z
    .string()
    .max(100)
    .default('')
    .meta({ description: 'Words, or beginnings of words, of number and customer' }),
  ordering: orderingBy({ created_at: 'createdAt', total_price: 'totalMinor', due_date: 'dueOn' }, '-created_at'),
})
