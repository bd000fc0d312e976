import {
  paymentCanceled,
  paymentFailed,
  paymentSucceeded,
  refundFailed,
  refundSucceeded,
} from '@countinghouse/shared/contracts/payment'
import { on } from '@countinghouse/shared/messaging/delivery'
import type { Tx } from '@countinghouse/shared/mongo/transaction'
import { CANCELED, takePaymentNews, takeRefundNews } from './commands/news.js'

export type ConsumerDeps = { now: () => Date }

type OfPayment = {
  purpose: { kind: string; id: string }
  payment_id: string
  amount_minor: bigint
  user_id: string | null
}
type Once = (effect: (tx: Tx) => Promise<void>) => Promise<void>

/** What wallet-service tells of payments for sales; those for anything else are not ours. */
export const saleConsumers = ({ now }: ConsumerDeps) => {
  const takePayment = async (data: OfPayment, once: Once, failure: { code: string; reason: string } | null) => {
    if (data.purpose.kind !== 'sale_bill') return
    const news = { billNumber: data.purpose.id, paymentId: data.payment_id, amountMinor: data.amount_minor }
    await once((tx) => takePaymentNews(tx, { ...news, userId: data.user_id, failure }, now()))
  }
  const takeRefund = async (
    data: OfPayment & { refund_id: string; reason: string | null },
    once: Once,
    failure: { code: string; reason: string } | null,
  ) => {
    if (data.purpose.kind !== 'sale_bill') return
    const news = { billNumber: data.purpose.id, paymentId: data.payment_id, amountMinor: data.amount_minor }
    const reason = data.reason ?? 'Refunded at the payment provider'
    await once((tx) => takeRefundNews(tx, { ...news, refundId: data.refund_id, reason, failure }, now()))
  }
  return [
    on(paymentSucceeded, ({ event: { data }, once }) => takePayment(data, once, null)),
    on(paymentFailed, ({ event: { data }, once }) =>
      takePayment(data, once, { code: data.decline_code ?? data.code, reason: data.reason }),
    ),
    on(paymentCanceled, ({ event: { data }, once }) =>
      takePayment(data, once, { code: CANCELED, reason: data.reason }),
    ),
    on(refundSucceeded, ({ event: { data }, once }) => takeRefund(data, once, null)),
    on(refundFailed, ({ event: { data }, once }) =>
      takeRefund(data, once, { code: 'refund_failed', reason: data.failure_reason }),
    ),
  ]
}
