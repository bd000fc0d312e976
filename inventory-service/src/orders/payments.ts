import type { ServiceClient } from '@countinghouse/shared/http/client'
import { formatAmount } from '@countinghouse/shared/money'
import { Refusal } from '@countinghouse/shared/refusal'
import { z } from 'zod'
import type { Order, PaymentRefusal, Refund } from './domain/order.js'

/** What wallet-service said of a payment: how it stands, that it will never be, or nothing to rely on. */
export type PaymentOutcome =
  | { kind: 'stands'; id: string; status: string; clientSecret: string | null }
  | { kind: 'refused'; refusal: PaymentRefusal }
  | { kind: 'unclear'; error: unknown }

export type RefundOutcome =
  | { kind: 'stands'; refundId: string; status: string }
  | { kind: 'refused'; refusal: PaymentRefusal }
  | { kind: 'unclear'; error: unknown }

/** Payments of orders, made by wallet-service. Whatever is asked twice is done once. */
export interface Payments {
  /** Opens the payment of an order; one from the buyer's wallet is made at once. */
  open(order: Order): Promise<PaymentOutcome>
  /** Makes sure that a payment is never made; it says `succeeded` where that is too late. */
  cancel(order: Order): Promise<PaymentOutcome>
  refund(order: Order, refund: Refund): Promise<RefundOutcome>
}

const Intent = z.object({ id: z.string(), status: z.string(), client_secret: z.string().nullish() })
const RefundAnswer = z.object({ id: z.string(), status: z.string() })

export const createPayments = (client: ServiceClient): Payments => {
  const open = async (order: Order): Promise<PaymentOutcome> => {
    const intent = await client.call(
      { method: 'POST', path: '/payments/intents', idempotencyKey: order._id, body: intentOf(order) },
      Intent,
    )
    return { kind: 'stands', id: intent.id, status: intent.status, clientSecret: intent.client_secret ?? null }
  }
  // It may have been opened although nobody heard so.
  const idOf = async ({ paymentId, _id }: Order): Promise<string | undefined> => {
    if (paymentId !== null) return paymentId
    const path = `/payments/intents?purpose_kind=order&purpose_id=${_id}`
    return (await client.call({ path }, z.array(Intent)))[0]?.id
  }
  const cancel = async (order: Order): Promise<PaymentOutcome> => {
    const id = await idOf(order)
    if (id === undefined) return { kind: 'stands', id: '', status: 'canceled', clientSecret: null }
    const call = { method: 'POST', path: `/payments/intents/${id}/cancel`, body: { reason: 'abandoned' } } as const
    const key = `${order._id}:cancel:${order.tries.toString()}`
    const intent = await client.call({ ...call, idempotencyKey: key }, Intent).catch(statusIn(id))
    return { kind: 'stands', id: intent.id, status: intent.status, clientSecret: null }
  }
  return {
    open: (order) => open(order).catch(outcomeOf),
    cancel: (order) => cancel(order).catch(outcomeOf),
    refund: async (order, { id, amountMinor }) => {
      const body = {
        ...{ payment_intent: order.paymentId, amount: formatAmount(amountMinor, order.currency) },
        reason: 'requested_by_customer',
      }
      const call = { method: 'POST', path: '/refunds', idempotencyKey: id, body } as const
      const asked = client.call(call, RefundAnswer)
      return asked.then(
        (answer) => ({ kind: 'stands' as const, refundId: answer.id, status: answer.status }),
        outcomeOf,
      )
    },
  }
}

const intentOf = ({ _id, totalMinor, currency, userId, method }: Order) => ({
  ...{ amount: formatAmount(totalMinor, currency), currency, user_id: userId },
  ...{ purpose: { kind: 'order', id: _id }, description: `Order ${_id}` },
  ...(method === 'wallet' && { payment_method: 'wallet', confirm: true }),
})

/** Of a payment that is past canceling, the status says what became of it. */
const statusIn = (id: string) => (error: unknown) => {
  const status = error instanceof Refusal ? error.context['payment_status'] : undefined
  if (error instanceof Refusal && typeof status === 'string') return { id, status }
  throw error
}

const outcomeOf = (
  error: unknown,
): { kind: 'refused'; refusal: PaymentRefusal } | { kind: 'unclear'; error: unknown } => {
  if (!(error instanceof Refusal) || error.status >= 500 || error.status === 429) return { kind: 'unclear', error }
  if (error.code === 'idempotency_in_progress') return { kind: 'unclear', error }
  return { kind: 'refused', refusal: { code: error.code, status: error.status, message: error.message } }
}
