import { toPercent } from '../percent.js'
import { Day, Id, Timestamp, WireAmount } from '@countinghouse/shared/http/fields'
import { toWireAmount } from '@countinghouse/shared/money'
import { z } from 'zod'
import { COST_KINDS } from './domain/costing.js'
import { PAYMENT_KINDS, PAYMENT_METHODS, PAYMENT_OUTCOMES, isOverdue, leftOf, type Payment } from './domain/paying.js'
import { amountsOf, sumOf } from './domain/pricing.js'
import { PAYMENT_STATUSES } from '../bills.js'
import { PURCHASE_STATUSES, owedOf, type Part, type Purchase } from './domain/purchase.js'

const Goods = z.array(z.object({ item_id: z.string(), quantity: z.number() }))

const LineView = z.object({
  item_id: z.string(),
  item_name: z.string(),
  quantity: z.number(),
  unit_price: WireAmount,
  total_price: WireAmount,
  tax: WireAmount,
  received_quantity: z.number(),
  returned_quantity: z.number(),
})

const amounts = {
  subtotal: WireAmount,
  tax_rate: z.number(),
  tax: WireAmount,
  total_amount: WireAmount.meta({ description: 'What the bill comes to in the end, as it looks now' }),
  owed_amount: WireAmount.meta({ description: 'What is owed so far, for goods that came and stayed' }),
  paid_amount: WireAmount.meta({ description: 'What was paid, less what came back' }),
  amount_due: WireAmount.meta({ description: 'What is left to pay' }),
  advance: WireAmount.meta({ description: 'What is paid and not owed: goods or money are to come' }),
  currency: z.string(),
}

export const PurchaseView = z.object({
  bill_number: z.string(),
  supplier_id: z.string(),
  supplier_name: z.string(),
  supplier_reference: z.string().nullable().meta({ description: 'The supplier’s own number of the bill' }),
  status: z.enum(PURCHASE_STATUSES),
  payment_status: z.enum(PAYMENT_STATUSES),
  line_items: z.array(LineView),
  ...amounts,
  warehouse_id: z.string(),
  receipts: z.array(z.object({ at: Timestamp, by: Id, line_items: Goods })),
  returns: z.array(
    z.object({ at: Timestamp, by: Id, reason: z.string(), line_items: Goods, credited: WireAmount, cost: WireAmount }),
  ),
  late_costs: z.array(
    z.object({
      at: Timestamp,
      by: Id,
      kind: z.enum(COST_KINDS),
      reason: z.string(),
      amount: WireAmount,
      to_stock: WireAmount,
    }),
  ),
  due_date: Day,
  is_overdue: z.boolean(),
  notes: z.string().nullable(),
  date: Day.meta({ description: 'The business day of the purchase' }),
  created_at: Timestamp,
  created_by: Id,
  version: z.number(),
})

/** What a purchase would be: nothing is ordered, and no number is drawn. */
export const DryPurchaseView = PurchaseView.extend({ bill_number: z.null(), dry_run: z.literal(true) })

export const toPurchaseView = (purchase: Purchase, today: string): z.input<typeof PurchaseView> => {
  const wire = (amountMinor: bigint) => toWireAmount(amountMinor, purchase.currency)
  const lines = purchase.lines.map((line) => ({ ...line, ...amountsOf(purchase, line, line.quantity) }))
  const owed = owedOf(purchase)
  const goods = (parts: readonly Part[]) =>
    parts.map(({ line, quantity }) => ({ item_id: lines[line - 1]?.itemId ?? '', quantity }))
  return {
    bill_number: purchase._id,
    supplier_id: purchase.supplierId,
    supplier_name: purchase.supplierName,
    supplier_reference: purchase.supplierReference,
    status: purchase.status,
    payment_status: purchase.paymentStatus,
    line_items: lines.map((line) => ({
      item_id: line.itemId,
      item_name: line.itemName,
      quantity: line.quantity,
      unit_price: wire(line.unitPriceMinor),
      total_price: wire(line.netMinor),
      tax: wire(line.taxMinor),
      received_quantity: line.received,
      returned_quantity: line.returned,
    })),
    subtotal: wire(sumOf(lines, ({ netMinor }) => netMinor)),
    tax_rate: toPercent(purchase.taxRateBps),
    tax: wire(sumOf(lines, ({ taxMinor }) => taxMinor)),
    total_amount: wire(purchase.totalMinor),
    owed_amount: wire(owed),
    paid_amount: wire(purchase.paidMinor),
    amount_due: wire(leftOf(purchase)),
    advance: wire(purchase.paidMinor > owed ? purchase.paidMinor - owed : 0n),
    currency: purchase.currency,
    warehouse_id: purchase.warehouseId,
    receipts: purchase.receipts.map(({ at, by, parts }) => ({ at: at.toISOString(), by, line_items: goods(parts) })),
    returns: purchase.returns.map(({ at, by, reason, parts, creditMinor, costMinor }) => ({
      ...{ at: at.toISOString(), by, reason, line_items: goods(parts) },
      ...{ credited: wire(creditMinor), cost: wire(costMinor) },
    })),
    late_costs: purchase.costChanges.map(({ at, by, kind, reason, amountMinor, toStockMinor }) => ({
      ...{ at: at.toISOString(), by, kind, reason, amount: wire(amountMinor), to_stock: wire(toStockMinor) },
    })),
    due_date: purchase.dueOn,
    is_overdue: isOverdue(purchase, today),
    notes: purchase.notes,
    date: purchase.day,
    created_at: purchase.createdAt.toISOString(),
    created_by: purchase.createdBy,
    version: purchase.version,
  }
}

/** Hundredths of a percent as percent. */
export const PaymentView = z.object({
  id: Id,
  bill_number: z.string(),
  kind: z.enum(PAYMENT_KINDS),
  status: z.enum(PAYMENT_OUTCOMES),
  amount: WireAmount,
  method: z.enum(PAYMENT_METHODS),
  reference: z.string().nullable(),
  reason: z.string().nullable(),
  created_at: Timestamp,
  created_by: Id,
})

/** A payment, and where it leaves its purchase. */
export const PaidView = PaymentView.extend({ payment_status: z.enum(PAYMENT_STATUSES), amount_due: WireAmount })

/** What a payment would be: nothing is paid. */
export const DryPaidView = PaidView.extend({ dry_run: z.literal(true) })

export const toPaymentView = (payment: Payment, currency: string): z.input<typeof PaymentView> => {
  const { _id: id, billNumber: bill_number, kind, outcome: status, method, reference, reason } = payment
  const made = { created_at: payment.createdAt.toISOString(), created_by: payment.createdBy }
  const amount = toWireAmount(payment.amountMinor, currency)
  return { id, bill_number, kind, status, amount, method, reference, reason, ...made }
}

export const toPaidView = ({
  payment,
  purchase,
}: {
  payment: Payment
  purchase: Purchase
}): z.input<typeof PaidView> => ({
  ...toPaymentView(payment, purchase.currency),
  payment_status: purchase.paymentStatus,
  amount_due: toWireAmount(leftOf(purchase), purchase.currency),
})
