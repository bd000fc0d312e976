import { paymentStatusOf, type PaymentStatus } from '../../bills.js'

export const SALE_STATUSES = ['confirmed', 'shipped', 'paid', 'cancelled'] as const
export type SaleStatus = (typeof SALE_STATUSES)[number]

/** One line of a bill as it was agreed, and what the goods cost us. */
export type SaleLine = {
  itemId: string
  itemName: string
  quantity: number
  unitPriceMinor: bigint
  /** The part of the unit price that is for the blowing, where it is told apart. */
  blowPriceMinor: bigint | null
  /** Quantity times unit price, before any discount. */
  totalMinor: bigint
  discountMinor: bigint
  taxMinor: bigint
  costMinor: bigint
  /** How much of it came back so far; what was credited and restocked for it follows. */
  returnedQuantity: number
}

/** A bill to a trade customer. What is owed on it is the total, less what was credited, less what was paid and kept. */
export type Sale = {
  /** The bill's number, `SO-251223-0026`. */
  _id: string
  /** Names it where it has no number yet: to the stock. */
  saleId: string
  customerId: string
  customerName: string
  warehouseId: string
  lines: SaleLine[]
  currency: string
  subtotalMinor: bigint
  discountMinor: bigint
  /** In hundredths of a percent: 1800 is 18 %. */
  taxRateBps: bigint
  taxMinor: bigint
  totalMinor: bigint
  costMinor: bigint
  /** What is no longer owed because goods came back or the sale was cancelled. */
  creditedMinor: bigint
  paidMinor: bigint
  refundedMinor: bigint
  /** Card payments under way, which are neither paid nor free to be paid otherwise. */
  underWayMinor: bigint
  isShipped: boolean
  lastAttemptFailed: boolean
  status: SaleStatus
  paymentStatus: PaymentStatus
  /** The business day on which it was made, and the one on which it falls due. */
  day: string
  dueOn: string
  notes: string | null
  /** The words by which a search finds it. */
  terms: string[]
  createdBy: string
  createdAt: Date
  shippedAt: Date | null
  cancelledAt: Date | null
  /** Gone for its readers; number, moves and entries stay. */
  deletedAt: Date | null
  version: number
  updatedAt: Date
}

/** What of the payments is still with us. */
export const keptMinor = ({ paidMinor, refundedMinor }: Pick<Sale, 'paidMinor' | 'refundedMinor'>): bigint =>
  paidMinor - refundedMinor

type Balance = Pick<Sale, 'totalMinor' | 'creditedMinor' | 'paidMinor' | 'refundedMinor'>

const balanceOf = (sale: Balance): bigint => sale.totalMinor - sale.creditedMinor - keptMinor(sale)

/** What the customer still owes. */
export const dueMinor = (sale: Balance): bigint => atLeastZero(balanceOf(sale))

/** What we owe the customer. */
export const creditMinor = (sale: Balance): bigint => atLeastZero(-balanceOf(sale))

/** The sale after a change, with the states that follow from it. */
export const changed = (sale: Sale, changes: Partial<Sale>, now: Date): Sale => {
  const next = { ...sale, ...changes, version: sale.version + 1, updatedAt: now }
  return { ...next, ...statesOf(next) }
}

/** The states of a sale follow from what happened to it. */
export const statesOf = (sale: Omit<Sale, 'status' | 'paymentStatus'>): Pick<Sale, 'status' | 'paymentStatus'> => {
  const paymentStatus = paymentStatusIn(sale)
  return { paymentStatus, status: statusOf(sale, paymentStatus) }
}

const paymentStatusIn = (sale: Omit<Sale, 'status' | 'paymentStatus'>): PaymentStatus => {
  const [paidMinor, isSettled] = [keptMinor(sale), dueMinor(sale) === 0n]
  const isPaid = isSettled && (paidMinor > 0n || !sale.cancelledAt)
  return paymentStatusOf({ isPaid, lastAttemptFailed: sale.lastAttemptFailed && !isSettled, paidMinor })
}

const statusOf = ({ cancelledAt, isShipped }: Pick<Sale, 'cancelledAt' | 'isShipped'>, paid: PaymentStatus) => {
  if (cancelledAt) return 'cancelled'
  if (!isShipped) return 'confirmed'
  return paid === 'paid' ? 'paid' : 'shipped'
}

const atLeastZero = (amountMinor: bigint): bigint => (amountMinor > 0n ? amountMinor : 0n)
