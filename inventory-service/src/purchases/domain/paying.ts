import { toWireAmount } from '@countinghouse/shared/money'
import { refuse } from '../../errors.js'
import { assertStatus, stepped, type Purchase } from './purchase.js'

export const PAYMENT_METHODS = ['cash', 'bank', 'card'] as const
export const PAYMENT_KINDS = ['payment', 'refund'] as const
export const PAYMENT_OUTCOMES = ['succeeded', 'failed'] as const

/** Money on its way to a supplier, or back from one; failed attempts stay on record. */
export type Payment = {
  _id: string
  billNumber: string
  /** Counts the payments of a bill. */
  sequence: number
  kind: (typeof PAYMENT_KINDS)[number]
  outcome: (typeof PAYMENT_OUTCOMES)[number]
  amountMinor: bigint
  method: (typeof PAYMENT_METHODS)[number]
  /** What the bank calls it. */
  reference: string | null
  /** Why it failed, or why the money came back. */
  reason: string | null
  day: string
  createdBy: string
  createdAt: Date
}

export type PaymentDraft = Omit<Payment, 'billNumber' | 'sequence'>

/** The purchase after a payment. Refuses more than is left to pay, and more back than was paid. */
export const pay = (before: Purchase, draft: PaymentDraft): { purchase: Purchase; payment: Payment } => {
  assertStatus(before, 'ordered', 'partly_received', 'received', 'closed', ...returnable(draft))
  const { kind, outcome, amountMinor, createdAt } = draft
  const mostMinor = kind === 'payment' ? leftOf(before) : before.paidMinor
  if (amountMinor > mostMinor)
    throw refuse(kind === 'payment' ? 'exceeds_bill' : 'exceeds_payments', {
      bill_number: before._id,
      remaining: toWireAmount(mostMinor, before.currency),
    })
  const sequence = before.paymentCount + 1
  const paidMinor = outcome === 'failed' ? before.paidMinor : before.paidMinor + signed(draft)
  const lastPaymentFailed = kind === 'payment' ? outcome === 'failed' : before.lastPaymentFailed
  const changes = { paidMinor, lastPaymentFailed, paymentCount: sequence }
  return { purchase: stepped(before, changes, createdAt), payment: { ...draft, billNumber: before._id, sequence } }
}

// A supplier gives an advance back also when nothing comes of the order.
const returnable = ({ kind }: PaymentDraft) => (kind === 'refund' ? (['cancelled'] as const) : [])

const signed = ({ kind, amountMinor }: PaymentDraft): bigint => (kind === 'payment' ? amountMinor : -amountMinor)

/** What is left to pay, at least nothing. */
export const leftOf = ({ status, totalMinor, paidMinor }: Purchase): bigint =>
  status === 'cancelled' || paidMinor > totalMinor ? 0n : totalMinor - paidMinor

export const isOverdue = ({ status, paymentStatus, dueOn }: Purchase, today: string): boolean =>
  paymentStatus !== 'paid' && !['draft', 'cancelled'].includes(status) && dueOn < today
