import { formatAmount } from '@countinghouse/shared/money'
import type { Bill } from './domain.js'

export type PaymentProblem = { expectedStatus: string; paymentsMinor: bigint; differenceMinor: bigint; why: string }

/** What is wrong with what a bill says about its payments, if anything. */
export const paymentProblemOf = (bill: Bill): PaymentProblem | undefined => {
  const sum = (amounts: Bill['payments']) => amounts.reduce((total, { amountMinor }) => total + BigInt(amountMinor), 0n)
  const refunds = bill.kind === 'purchase' ? sum(bill.refunds) : 0n
  const paymentsMinor = sum(bill.payments) - refunds
  const differenceMinor = BigInt(bill.paidMinor) - paymentsMinor
  const expectedStatus = statusBy(bill, paymentsMinor)
  const printed = (amount: bigint) => formatAmount(amount, bill.currency)
  if (differenceMinor !== 0n) {
    const why = `The bill says ${printed(BigInt(bill.paidMinor))} is paid, its payments come to ${printed(paymentsMinor)}`
    return { expectedStatus, paymentsMinor, differenceMinor, why }
  }
  if (expectedStatus === bill.paymentStatus || bill.paymentStatus === 'failed') return undefined
  const why = `The bill is ${bill.paymentStatus}, by its payments it is ${expectedStatus}`
  return { expectedStatus, paymentsMinor, differenceMinor, why }
}

const statusBy = ({ dueMinor, kind, totalMinor, creditedMinor }: Bill, paymentsMinor: bigint): string => {
  const asked = BigInt(totalMinor) - BigInt(creditedMinor)
  const isPaid = kind === 'sale' ? BigInt(dueMinor) <= 0n : paymentsMinor >= asked
  if (isPaid && (paymentsMinor > 0n || asked <= 0n)) return 'paid'
  return paymentsMinor > 0n ? 'partial' : 'pending'
}

export type Suspect = { bill: Bill; earlier: Bill; why: string }

const WITHIN_DAYS = 3
const DAY_MS = 86_400_000

/** Bills that may have been entered twice: one party, one amount, a few days apart; read by these, in that order. */
export const suspectIn = (earlier: Bill | undefined, bill: Bill): Suspect[] => {
  if (earlier?.kind !== bill.kind || earlier.partyId !== bill.partyId) return []
  if (BigInt(earlier.totalMinor) !== BigInt(bill.totalMinor)) return []
  const days = Math.round((Date.parse(bill.day) - Date.parse(earlier.day)) / DAY_MS)
  return days > WITHIN_DAYS ? [] : [{ bill, earlier, why: whyAlike(bill, earlier, days) }]
}

const whyAlike = (bill: Bill, earlier: Bill, days: number): string => {
  const text = ({ lines }: Bill) => lines.map(({ itemId, quantity }) => `${itemId} ${quantity.toString()}`).sort().join() // prettier-ignore
  const what = text(bill) === text(earlier) ? 'The same lines' : 'The same amount'
  return days === 0 ? `${what} on the same day` : `${what} ${days.toString()} day${days === 1 ? '' : 's'} apart`
}
