import { toPercent } from '../percent.js'
import { Day, Id, Timestamp, WireAmount } from '@countinghouse/shared/http/fields'
import { toWireAmount } from '@countinghouse/shared/money'
import { z } from 'zod'
import type { SaleDraft } from './domain/confirm.js'
import { PAYMENT_STATUSES } from '../bills.js'
import { SALE_STATUSES, creditMinor, dueMinor, keptMinor, type Sale } from './domain/sale.js'
import { RECORD_STATUSES, type SalePayment, type SaleRefund, type SaleReturn } from './records.js'

const LineView = z.object({
  item_id: z.string(),
  item_name: z.string(),
  quantity: z.number(),
  unit_price: WireAmount,
  blow_price: WireAmount.nullable(),
  total_price: WireAmount,
  discount: WireAmount,
  tax: WireAmount,
  cost: WireAmount.meta({ description: 'What the goods cost us' }),
  returned_quantity: z.number(),
})

const amounts = {
  subtotal: WireAmount,
  discount: WireAmount,
  tax_rate: z.number(),
  tax: WireAmount,
  total_price: WireAmount,
  cost: WireAmount,
  credited_amount: WireAmount.meta({ description: 'No longer owed, because goods came back or it was cancelled' }),
  paid_amount: WireAmount.meta({ description: 'What was paid, less what was paid back' }),
  amount_due: WireAmount,
  credit: WireAmount.meta({ description: 'What we owe the customer, to be refunded' }),
  currency: z.string(),
}

const SALE_STATUS = z.enum(SALE_STATUSES)
const PAYMENT_STATUS = z.enum(PAYMENT_STATUSES)

export const SaleView = z.object({
  bill_number: z.string(),
  customer_id: z.string(),
  customer_name: z.string(),
  status: SALE_STATUS,
  payment_status: PAYMENT_STATUS,
  line_items: z.array(LineView),
  ...amounts,
  warehouse_id: z.string(),
  due_date: Day,
  is_overdue: z.boolean(),
  notes: z.string().nullable(),
  date: Day.meta({ description: 'The business day of the sale' }),
  created_at: Timestamp,
  created_by: Id,
  shipped_at: Timestamp.nullable(),
  cancelled_at: Timestamp.nullable(),
  version: z.number(),
})

/** What a sale would be: nothing is sold, and no number is drawn. */
export const DrySaleView = SaleView.extend({
  bill_number: z.null(),
  dry_run: z.literal(true),
  needs_approval: z.boolean(),
})

export const toSaleView = (sale: Sale, today: string): z.input<typeof SaleView> => {
  const wire = (amountMinor: bigint) => toWireAmount(amountMinor, sale.currency)
  return {
    bill_number: sale._id,
    customer_id: sale.customerId,
    customer_name: sale.customerName,
    status: sale.status,
    payment_status: sale.paymentStatus,
    line_items: sale.lines.map((line) => ({
      item_id: line.itemId,
      item_name: line.itemName,
      quantity: line.quantity,
      unit_price: wire(line.unitPriceMinor),
      blow_price: line.blowPriceMinor === null ? null : wire(line.blowPriceMinor),
      total_price: wire(line.totalMinor),
      discount: wire(line.discountMinor),
      tax: wire(line.taxMinor),
      cost: wire(line.costMinor),
      returned_quantity: line.returnedQuantity,
    })),
    subtotal: wire(sale.subtotalMinor),
    discount: wire(sale.discountMinor),
    tax_rate: toPercent(sale.taxRateBps),
    tax: wire(sale.taxMinor),
    total_price: wire(sale.totalMinor),
    cost: wire(sale.costMinor),
    credited_amount: wire(sale.creditedMinor),
    paid_amount: wire(keptMinor(sale)),
    amount_due: wire(dueMinor(sale)),
    credit: wire(creditMinor(sale)),
    currency: sale.currency,
    warehouse_id: sale.warehouseId,
    due_date: sale.dueOn,
    is_overdue: dueMinor(sale) > 0n && sale.dueOn < today,
    notes: sale.notes,
    date: sale.day,
    created_at: sale.createdAt.toISOString(),
    created_by: sale.createdBy,
    shipped_at: sale.shippedAt?.toISOString() ?? null,
    cancelled_at: sale.cancelledAt?.toISOString() ?? null,
    version: sale.version,
  }
}

/** Hundredths of a percent as percent. */
const ofRecord = { id: Id, bill_number: z.string(), currency: z.string(), created_by: Id, created_at: Timestamp }
const METHOD = z.enum(['cash', 'bank', 'card'])
const Failure = z.object({ code: z.string(), reason: z.string() }).nullable()

export const PaymentView = z.object({
  ...ofRecord,
  amount: WireAmount,
  method: METHOD,
  reference: z.string().nullable(),
  payment_intent: Id.nullable().meta({ description: 'The payment at wallet-service, of a card' }),
  status: z.enum(RECORD_STATUSES),
  failure: Failure,
})

/** A payment, and where it leaves its sale. */
export const PaidView = PaymentView.extend({
  sale_status: SALE_STATUS,
  payment_status: PAYMENT_STATUS,
  amount_due: WireAmount,
  dry_run: z.literal(true).optional(),
})

export const RefundView = z.object({
  ...ofRecord,
  amount: WireAmount,
  method: METHOD,
  reference: z.string().nullable(),
  reason: z.string(),
  payment_id: Id.nullable(),
  status: z.enum(RECORD_STATUSES),
  failure: Failure,
})

export const ReturnView = z.object({
  ...ofRecord,
  line_items: z.array(
    z.object({ item_id: z.string(), quantity: z.number(), credited: WireAmount, tax: WireAmount, cost: WireAmount }),
  ),
  credited: WireAmount,
  restocked: z.boolean(),
  reason: z.string(),
})

type Record = Pick<SalePayment, '_id' | 'billNumber' | 'currency' | 'createdBy' | 'createdAt'>

const toRecordView = ({ _id, billNumber, currency, createdBy, createdAt }: Record) => ({
  ...{ id: _id, bill_number: billNumber, currency, created_by: createdBy, created_at: createdAt.toISOString() },
})

export const toPaymentView = (payment: SalePayment): z.input<typeof PaymentView> => {
  const { amountMinor, currency, method, reference, paymentId, status, failure } = payment
  const amount = toWireAmount(amountMinor, currency)
  return { ...toRecordView(payment), amount, method, reference, payment_intent: paymentId, status, failure }
}

export const toPaidView = ({ payment, sale }: { payment: SalePayment; sale: Sale }): z.input<typeof PaidView> => ({
  ...toPaymentView(payment),
  sale_status: sale.status,
  payment_status: sale.paymentStatus,
  amount_due: toWireAmount(dueMinor(sale), sale.currency),
})

export const toRefundView = (refund: SaleRefund): z.input<typeof RefundView> => {
  const { amountMinor, currency, method, reference, reason, salePaymentId, status, failure } = refund
  const amount = toWireAmount(amountMinor, currency)
  return { ...toRecordView(refund), amount, method, reference, reason, payment_id: salePaymentId, status, failure }
}

export const toReturnView = (record: SaleReturn): z.input<typeof ReturnView> => {
  const wire = (amountMinor: bigint) => toWireAmount(amountMinor, record.currency)
  return {
    ...toRecordView(record),
    line_items: record.lines.map(({ itemId, quantity, netMinor, taxMinor, costMinor }) => ({
      item_id: itemId,
      quantity,
      credited: wire(netMinor + taxMinor),
      tax: wire(taxMinor),
      cost: wire(costMinor),
    })),
    credited: wire(record.creditedMinor),
    restocked: record.restocked,
    reason: record.reason,
  }
}

/** A sale that waits for approval, as those who decide on it read it. */
export const toDraftView = (draft: SaleDraft) => {
  const wire = (amountMinor: bigint) => toWireAmount(amountMinor, draft.currency)
  return {
    customer_id: draft.customerId,
    customer_name: draft.customerName,
    line_items: draft.lines.map((line) => ({
      item_id: line.itemId,
      item_name: line.itemName,
      quantity: line.quantity,
      unit_price: wire(line.unitPriceMinor),
      total_price: wire(line.totalMinor),
      discount: wire(line.discountMinor),
      tax: wire(line.taxMinor),
    })),
    subtotal: wire(draft.subtotalMinor),
    discount: wire(draft.discountMinor),
    tax_rate: toPercent(draft.taxRateBps),
    tax: wire(draft.taxMinor),
    total_price: wire(draft.totalMinor),
    warehouse_id: draft.warehouseId,
    due_date: draft.dueOn,
    notes: draft.notes,
    created_by: draft.createdBy,
  }
}
