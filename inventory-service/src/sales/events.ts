import {
  saleCancelled,
  saleConfirmed,
  saleDeleted,
  saleEdited,
  saleGoodsReturned,
  salePaymentFailed,
  salePaymentReceived,
  saleRefunded,
  saleShipped,
} from '@countinghouse/shared/contracts/sales'
import { newEvent, type Envelope } from '@countinghouse/shared/messaging/event'
import { toBookEntries } from '../bookEntries.js'
import { bookGoodsBack, bookPayment, bookRefund, bookSale, type Sides } from './domain/books.js'
import { dueMinor, type Sale } from './domain/sale.js'
import type { GoodsBack, ReturnedLine } from './domain/steps.js'
import type { SalePayment, SaleRefund, SaleReturn } from './records.js'

export const eventsOfSale = (sale: Sale): Envelope[] => [
  newEvent(saleConfirmed, sale._id, {
    ...stateOf(sale),
    warehouse_id: sale.warehouseId,
    lines: sale.lines.map((line) => ({
      item_id: line.itemId,
      item_name: line.itemName,
      quantity: line.quantity,
      unit_price_minor: line.unitPriceMinor,
      total_minor: line.totalMinor,
      discount_minor: line.discountMinor,
      tax_minor: line.taxMinor,
      cost_minor: line.costMinor,
    })),
    subtotal_minor: sale.subtotalMinor,
    discount_minor: sale.discountMinor,
    tax_minor: sale.taxMinor,
    cost_minor: sale.costMinor,
  }),
  ...entryDue(sale, 'sold', bookSale(sale), `Sale ${sale._id} to ${sale.customerName}`),
]

export const toSaleEdited = (sale: Sale): Envelope => newEvent(saleEdited, sale._id, stateOf(sale))
export const toSaleShipped = (sale: Sale): Envelope => newEvent(saleShipped, sale._id, stateOf(sale))
export const toSaleDeleted = (sale: Sale): Envelope => newEvent(saleDeleted, sale._id, stateOf(sale))

export const eventsOfCancellation = (before: Sale, back: GoodsBack): Envelope[] => {
  const { sale, returned } = back
  return [
    newEvent(saleCancelled, sale._id, { ...stateOf(sale), returned: returned.map(toReturned) }),
    ...entryDue(sale, 'cancelled', bookGoodsBack(before, back, returned), `Sale ${sale._id} cancelled`),
  ]
}

export const eventsOfReturn = (before: Sale, back: GoodsBack, { _id, restocked, reason }: SaleReturn): Envelope[] => {
  const { sale, returned } = back
  const lines = bookGoodsBack(before, back, restocked ? returned : [])
  return [
    newEvent(saleGoodsReturned, sale._id, {
      ...{ ...stateOf(sale), return_id: _id, returned: returned.map(toReturned), restocked, reason },
    }),
    ...entryDue(sale, `returned:${_id}`, lines, `Goods of sale ${sale._id} came back: ${reason}`),
  ]
}

export const eventsOfPayment = (before: Sale, sale: Sale, payment: SalePayment): Envelope[] => [
  newEvent(salePaymentReceived, sale._id, { ...stateOf(sale), ...toPayment(payment) }),
  ...entryDue(sale, `paid:${payment._id}`, bookPayment(before, sale, payment.method), `Payment of sale ${sale._id}`),
]

export const toPaymentFailed = (sale: Sale, payment: SalePayment): Envelope =>
  newEvent(salePaymentFailed, sale._id, {
    ...{ ...stateOf(sale), ...toPayment(payment), reason: payment.failure?.reason ?? 'unknown' },
  })

export const eventsOfRefund = (
  before: Sale,
  sale: Sale,
  { _id, amountMinor, method, reason }: SaleRefund,
): Envelope[] => [
  newEvent(saleRefunded, sale._id, { ...stateOf(sale), refund_id: _id, amount_minor: amountMinor, method, reason }),
  ...entryDue(sale, `refunded:${_id}`, bookRefund(before, sale, method), `Refund of sale ${sale._id}: ${reason}`),
]

export const eventsOfRefundFailure = (before: Sale, sale: Sale, { _id, method }: SaleRefund): Envelope[] => [
  newEvent(saleEdited, sale._id, stateOf(sale)),
  ...entryDue(sale, `refund-failed:${_id}`, bookRefund(before, sale, method), `Refund of sale ${sale._id} failed`),
]

const stateOf = (sale: Sale) => ({
  bill_number: sale._id,
  customer_id: sale.customerId,
  customer_name: sale.customerName,
  created_by: sale.createdBy,
  currency: sale.currency,
  total_minor: sale.totalMinor,
  credited_minor: sale.creditedMinor,
  paid_minor: sale.paidMinor,
  refunded_minor: sale.refundedMinor,
  due_minor: dueMinor(sale),
  status: sale.status,
  payment_status: sale.paymentStatus,
  day: sale.day,
  due_on: sale.dueOn,
  version: sale.version,
  occurred_at: sale.updatedAt.toISOString(),
})

const toReturned = ({ itemId, quantity, netMinor, taxMinor, costMinor }: ReturnedLine) => ({
  ...{ item_id: itemId, quantity, net_minor: netMinor, tax_minor: taxMinor, cost_minor: costMinor },
})

const toPayment = ({ _id, amountMinor, method, reference }: SalePayment) => ({
  ...{ payment_id: _id, amount_minor: amountMinor, method, reference },
})

// A step without worth, such as the gift of something that cost nothing, is no matter of the books.
const entryDue = (sale: Sale, step: string, sides: Sides, description: string): Envelope[] =>
  toBookEntries({
    ...{ document: { kind: 'sale', id: sale._id }, step, currency: sale.currency, sides, description },
    at: sale.updatedAt,
  })
