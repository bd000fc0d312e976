import { addToOutbox } from '@countinghouse/shared/messaging/outbox'
import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { PaymentMethod } from '../domain/books.js'
import type { Sale } from '../domain/sale.js'
import { amountToPay, pay, refund } from '../domain/steps.js'
import { eventsOfPayment, eventsOfRefund } from '../events.js'
import { salePayments, saleRefunds, type SalePayment, type SaleRefund } from '../records.js'
import { saveSale } from '../store.js'
import { getSale } from './deps.js'
import type { Asker } from '../../asking.js'
import type { Step } from './steps.js'

/** Money that people hand over and record; a card is asked for by itself. */
export type ByHand = Exclude<PaymentMethod, 'card'>

export type AskedPayment<Method = ByHand> = {
  amountMinor: bigint | undefined
  method: Method
  reference: string | null
}
export type Paid = { sale: Sale; payment: SalePayment }

/** Records money that came in for a bill; without an amount, all that is owed. */
export const recordPayment = async (tx: Tx, { number, by }: Step, asked: AskedPayment, now: Date): Promise<Paid> => {
  const before = await getSale(tx, number, by)
  const { sale, payment } = paidBy(before, by, asked, now)
  await saveSale(tx, before, sale)
  await tx.insert(salePayments, payment)
  await addToOutbox(tx, ...eventsOfPayment(before, sale, payment))
  return { sale, payment }
}

/** What a payment would do, by whatever means. */
export const previewPayment = async (
  reads: Reads,
  { number, by }: Step,
  asked: AskedPayment<PaymentMethod>,
  now: Date,
): Promise<Paid> => paidBy(await getSale(reads, number, by), by, asked, now)

const paidBy = (before: Sale, { userId }: Asker, asked: AskedPayment<PaymentMethod>, now: Date): Paid => {
  const { method, reference } = asked
  const payment: SalePayment = {
    ...newRecord(before, userId, now),
    ...{ amountMinor: amountToPay(before, asked.amountMinor), method, reference },
    ...{ status: 'succeeded', paymentId: null, failure: null, settledAt: now, fingerprint: null, paymentMethod: null },
  }
  return { payment, sale: pay(before, payment.amountMinor, now) }
}

export type AskedRefund = { amountMinor: bigint; method: ByHand; reference: string | null; reason: string }

/** Records money that went back to the customer: what we owe, or a payment that was made in error. */
export const recordRefund = async (
  tx: Tx,
  { number, by }: Step,
  asked: AskedRefund,
  now: Date,
): Promise<SaleRefund> => {
  const before = await getSale(tx, number, by)
  const paidBack: SaleRefund = {
    ...newRecord(before, by.userId, now),
    ...{ ...asked, status: 'succeeded', salePaymentId: null, refundId: null },
    ...{ failure: null, settledAt: now, fingerprint: null },
  }
  const sale = refund(before, asked.amountMinor, now)
  await saveSale(tx, before, sale)
  await tx.insert(saleRefunds, paidBack)
  await addToOutbox(tx, ...eventsOfRefund(before, sale, paidBack))
  return paidBack
}

export const newRecord = ({ _id, currency }: Sale, createdBy: string, now: Date) => ({
  ...{ _id: uuidv7(), billNumber: _id, currency, createdBy, createdAt: now },
})
