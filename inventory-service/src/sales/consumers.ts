import {
  paymentCanceled,
  paymentFailed,
  paymentSucceeded,
  refundFailed,
  refundSucceeded,
} from '@countinghouse/shared/contracts/payment'
import type { Tx } from '@countinghouse/shared/mongo/transaction'
import { paymentsFor } from '../paymentEvents.js'
import { CANCELED, takePaymentNews, takeRefundNews } from './commands/news.js'

export type ConsumerDeps = { now: () => Date }

type OfPayment = {
  purpose: { id: string }
  payment_id: string
  amount_minor: bigint
  user_id: string | null
}
type Once = (effect: (tx: Tx) => Promise<void>) => Promise<void>

/** What wallet-service tells of payments for sales; those for anything else are not ours. */
export const saleConsumers = ({ now }: ConsumerDeps) => {
  const takePayment = async (data: OfPayment, once: Once, failure: { code: string; reason: string } | null) => {
    const news = { billNumber: data.purpose.id, paymentId: data.payment_id, amountMinor: data.amount_minor }
    await once((tx) => takePaymentNews(tx, { ...news, userId: data.user_id, failure }, now()))
  }
  const takeRefund = async (
    data: OfPayment & { refund_id: string; reason: string | null },
    once: Once,
    failure: { code: string; reason: string } | null,
  ) => {
    const news = { billNumber: data.purpose.id, paymentId: data.payment_id, amountMinor: data.amount_minor }
    const reason = data.reason ?? 'Refunded at the payment provider'
    await once((tx) => takeRefundNews(tx, { ...news, refundId: data.refund_id, reason, failure }, now()))
  }
  const hear = paymentsFor('sale_bill')
  return [
    hear(paymentSucceeded, ({ event: { data }, once }) => takePayment(data, once, null)),
    hear(paymentFailed, ({ event: { data }, once }) =>
      takePayment(data, once, { code: data.decline_code ?? data.code, reason: data.reason }),
    ),
    hear(paymentCanceled, ({ event: { data }, once }) =>
      takePayment(data, once, { code: CANCELED, reason: data.reason }),
    ),
    hear(refundSucceeded, ({ event: { data }, once }) => takeRefund(data, once, null)),
    hear(refundFailed, ({ event: { data }, once }) =>
      takeRefund(data, once, { code: 'refund_failed', reason: data.failure_reason }),
    ),
  ]
}
