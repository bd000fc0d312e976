import { addToOutbox } from '@countinghouse/shared/messaging/outbox'
import type { Tx } from '@countinghouse/shared/mongo/transaction'
import { refuse } from '../../errors.js'
import type { Sale } from '../domain/sale.js'
import { failPayment, refund } from '../domain/steps.js'
import { eventsOfRefund, toPaymentFailed } from '../events.js'
import { findByPaymentId, findPendingPayment, findRefundNamed, salePayments, saleRefunds, type SalePayment, type SaleRefund } from '../records.js' // prettier-ignore
import { findAnySale, saveSale } from '../store.js'
import { conclude } from './cardPayments.js'
import { failRefund } from './cardRefunds.js'
import { newRecord } from './payments.js'

/** What wallet-service tells of a payment for a bill. */
export type PaymentNews = {
  billNumber: string
  paymentId: string
  amountMinor: bigint
  userId: string | null
  failure: SalePayment['failure']
}

/** Takes news of a card payment: of one that was asked for here, or of one that was made at wallet-service. */
export const takePaymentNews = async (tx: Tx, news: PaymentNews, now: Date): Promise<void> => {
  const before = await getAnySale(tx, news.billNumber)
  const { failure } = news
  const known = await findByPaymentId(tx, news.paymentId)
  const payment = known ?? (await findPendingPayment(tx, news))
  if (payment) {
    const isNews = payment.status === 'pending' || (payment.status === 'failed' && !failure)
    const { paymentId } = news
    const amountMinor = payment.status === 'failed' ? news.amountMinor : payment.amountMinor
    if (isNews) await conclude(tx, { before, payment: { ...payment, paymentId, amountMinor }, failure, now })
    return
  }
  if (failure?.code === CANCELED) return
  const made: SalePayment = { ...newRecord(before, news.userId ?? WALLET_SERVICE, now), ...ofNews(news) }
  if (!failure) await conclude(tx, { before, payment: { ...made, status: 'failed' }, failure, now })
  else {
    const sale = failPayment(before, now)
    const failed: SalePayment = { ...made, status: 'failed', failure, settledAt: now }
    await saveSale(tx, before, sale)
    await tx.insert(salePayments, failed)
    await addToOutbox(tx, toPaymentFailed(sale, failed))
  }
}

/** Given up without an attempt. */
export const CANCELED = 'canceled'

const WALLET_SERVICE = 'service:wallet-service'

const ofNews = ({ amountMinor, paymentId }: PaymentNews) => ({
  ...({ amountMinor, method: 'card', reference: null, status: 'pending', paymentId, failure: null } as const),
  ...{ settledAt: null, fingerprint: null, paymentMethod: null },
})

/** What wallet-service tells of money that went back to a payer, or did not. */
export type RefundNews = {
  billNumber: string
  paymentId: string
  refundId: string
  amountMinor: bigint
  reason: string
  failure: SaleRefund['failure']
}

export const takeRefundNews = async (tx: Tx, news: RefundNews, now: Date): Promise<void> => {
  const payment = await findByPaymentId(tx, news.paymentId)
  const known = await findRefundNamed(tx, { ...news, salePaymentId: payment?._id ?? null })
  if (known) {
    const named: SaleRefund = { ...known, refundId: news.refundId, failure: news.failure }
    if (known.status === 'failed') return
    if (news.failure) await failRefund(tx, named, now)
    else await tx.replace(saleRefunds, { ...named, status: 'succeeded', settledAt: known.settledAt ?? now })
    return
  }
  // A refund that was not asked for here is known by the money that is gone; one that failed has changed nothing.
  if (!news.failure) await recordForeignRefund(tx, news, payment, now)
}

const recordForeignRefund = async (tx: Tx, news: RefundNews, payment: SalePayment | undefined, now: Date) => {
  const before = await getAnySale(tx, news.billNumber)
  const { amountMinor, reason, refundId } = news
  const record: SaleRefund = {
    ...newRecord(before, WALLET_SERVICE, now),
    ...{ amountMinor, method: 'card', reference: null, reason, refundId, salePaymentId: payment?._id ?? null },
    ...{ status: 'succeeded', failure: null, settledAt: now, fingerprint: null },
  }
  const sale = refund(before, amountMinor, now)
  await saveSale(tx, before, sale)
  await tx.insert(saleRefunds, record)
  await addToOutbox(tx, ...eventsOfRefund(before, sale, record))
}

const getAnySale = async (tx: Tx, billNumber: string): Promise<Sale> => {
  const sale = await findAnySale(tx, billNumber)
  if (!sale) throw refuse('sale_not_found', { bill_number: billNumber })
  return sale
}
