/** What bills of both directions have in common: those that the house writes, and those that it gets. */
export const PAYMENT_STATUSES = ['pending', 'partial', 'paid', 'failed'] as const
export type PaymentStatus = (typeof PAYMENT_STATUSES)[number]

/** The largest bill: decimal(12,2). */
export const BILL_MINOR_MAX = 999_999_999_999n

type Paying = { isPaid: boolean; lastAttemptFailed: boolean; paidMinor: bigint }

/** What is owed and not paid shows that an attempt failed; the next one that succeeds clears it. */
export const paymentStatusOf = ({ isPaid, lastAttemptFailed, paidMinor }: Paying): PaymentStatus => {
  if (isPaid) return 'paid'
  if (lastAttemptFailed) return 'failed'
  return paidMinor > 0n ? 'partial' : 'pending'
}
