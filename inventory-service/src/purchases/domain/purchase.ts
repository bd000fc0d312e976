import { paymentStatusOf, type PaymentStatus } from '../../bills.js'
import { refuse } from '../../errors.js'
import type { CostChange } from './costing.js'
import { amountsOf, grossOf, sumOf, type Priced } from './pricing.js'

export const PURCHASE_STATUSES = ['draft', 'ordered', 'partly_received', 'received', 'closed', 'cancelled'] as const
export type PurchaseStatus = (typeof PURCHASE_STATUSES)[number]

export type OrderedLine = Priced & { itemId: string; itemName: string }
export type PurchaseLine = OrderedLine & { received: number; returned: number }

/** So many units of a line, counted from 1. */
export type Part = { line: number; quantity: number }

/** What came in together. The move of each part names its cost layer, which a return leaves. */
export type Receipt = { at: Date; by: string; parts: (Part & { moveId: string; returned: number })[] }

/** What went back together, what the supplier credits for it and what it was worth in stock. */
export type Return = { at: Date; by: string; reason: string; parts: Part[]; creditMinor: bigint; costMinor: bigint }

/** What people agree with a supplier. */
export type PurchaseTerms = {
  supplierId: string
  supplierName: string
  warehouseId: string
  lines: readonly OrderedLine[]
  taxRateBps: bigint
  dueOn: string
  /** The supplier's own number of the bill. */
  supplierReference: string | null
  notes: string | null
}

/** A bill of a supplier, from the wish to the last payment. */
export type Purchase = Omit<PurchaseTerms, 'lines'> & {
  /** The bill number, `PO-251223-0026`. */
  _id: string
  /** Names it where it has no number yet: to the stock. */
  purchaseId: string
  status: PurchaseStatus
  lines: PurchaseLine[]
  receipts: Receipt[]
  returns: Return[]
  costChanges: CostChange[]
  currency: string
  totalMinor: bigint
  /** Paid, less what the supplier paid back. */
  paidMinor: bigint
  paymentCount: number
  lastPaymentFailed: boolean
  paymentStatus: PaymentStatus
  /** The business day on which it was made. */
  day: string
  createdBy: string
  createdAt: Date
  updatedAt: Date
  version: number
  /** Deleted ones are gone from every list; their number stays used. */
  deletedAt: Date | null
}

export type Making = { purchaseId: string; number: string; currency: string; day: string; by: string; now: Date }

export const makePurchase = (
  { lines, ...terms }: PurchaseTerms,
  { purchaseId, number, currency, day, by, now }: Making,
  status: 'draft' | 'ordered',
): Purchase =>
  settled({
    ...{ ...terms, _id: number, purchaseId, status, currency, day },
    ...{ lines: lines.map(asOrdered), receipts: [], returns: [], costChanges: [], totalMinor: 0n },
    ...{ paidMinor: 0n, paymentCount: 0, lastPaymentFailed: false, paymentStatus: 'pending' },
    ...{ createdBy: by, createdAt: now, updatedAt: now, version: 1, deletedAt: null },
  })

export const asOrdered = (line: OrderedLine): PurchaseLine => ({ ...line, received: 0, returned: 0 })

/** The purchase after a step, with all that follows from its other data. */
export const stepped = (before: Purchase, changes: Partial<Purchase>, now: Date): Purchase =>
  settled({ ...before, ...changes, version: before.version + 1, updatedAt: now })

const settled = (purchase: Purchase): Purchase => {
  const after = { ...purchase, totalMinor: totalOf(purchase) }
  return { ...after, paymentStatus: paymentStatusIn(after) }
}

const paymentStatusIn = ({ status, totalMinor, paidMinor, lastPaymentFailed }: Purchase): PaymentStatus => {
  const isPaid = paidMinor >= totalMinor && status !== 'cancelled'
  return paymentStatusOf({ isPaid, lastAttemptFailed: lastPaymentFailed, paidMinor })
}

/** What the house has to pay in the end, as it looks now: a closed one brings no more. */
const totalOf = (purchase: Purchase): bigint => {
  const coming = ({ quantity, received }: PurchaseLine) => (purchase.status === 'closed' ? received : quantity)
  const priced = sumOf(purchase.lines, (line) => grossOf(amountsOf(purchase, line, coming(line) - line.returned)))
  return priced + billedLater(purchase)
}

/** What it owes for what has come and stayed. */
export const owedOf = (purchase: Purchase): bigint =>
  sumOf(purchase.lines, (line) => grossOf(amountsOf(purchase, line, keptOf(line)))) + billedLater(purchase)

const billedLater = ({ costChanges }: Purchase): bigint =>
  sumOf(costChanges, ({ kind, amountMinor, taxMinor }) => (kind === 'bill_difference' ? amountMinor + taxMinor : 0n))

export const keptOf = ({ received, returned }: PurchaseLine): number => received - returned

/** What is ordered and not here, line by line. */
export const outstandingOf = ({ status, lines }: Purchase): Part[] =>
  status === 'ordered' || status === 'partly_received'
    ? lines
        .map(({ quantity, received }, index) => ({ line: index + 1, quantity: quantity - received }))
        .filter(({ quantity }) => quantity > 0)
    : []

export const lineAt = ({ lines, _id }: Purchase, number: number): PurchaseLine => {
  const line = lines[number - 1]
  if (!line) throw new Error(`${_id} has no line ${number.toString()}`)
  return line
}

/** Refuses unless the purchase is in one of these states. */
export const assertStatus = ({ _id, status }: Purchase, ...allowed: PurchaseStatus[]): void => {
  if (!allowed.includes(status)) throw refuse('purchase_state', { bill_number: _id, purchase_status: status })
}
