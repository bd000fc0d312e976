import type { ServiceClient } from '@countinghouse/shared/http/client'
import { formatAmount } from '@countinghouse/shared/money'
import { Refusal } from '@countinghouse/shared/refusal'
import { z } from 'zod'
import type { SalePayment, SaleRefund } from './records.js'

/** What became of a question to wallet-service: done, still to be heard of, refused for good, or nothing to rely on. */
export type Outcome =
  | { kind: 'done'; id: string }
  | { kind: 'open'; id: string }
  | { kind: 'refused'; refusal: Refusal }
  | { kind: 'unclear' }

/** Money that moves by card, through wallet-service; asked again for the same record, it moves once. */
export interface Cards {
  charge(payment: SalePayment, paymentMethod: string | undefined): Promise<Outcome>
  refund(refund: SaleRefund, paymentId: string): Promise<Outcome>
  /** Makes sure that a payment is never made; refused where that is too late. */
  cancel(paymentId: string): Promise<Outcome>
}

// The reason is for people, and wallet-service keeps a short one.
const REASON_MAX = 200

const Asked = z.object({ id: z.string(), status: z.string() })

export const createCards = (client: ServiceClient): Cards => {
  const ask = async (path: string, idempotencyKey: string, body: object): Promise<Outcome> => {
    try {
      const { id, status } = await client.call({ method: 'POST', path, idempotencyKey, body }, Asked)
      return { kind: status === 'succeeded' ? 'done' : 'open', id }
    } catch (error) {
      return outcomeOf(error)
    }
  }
  return {
    charge: ({ _id, billNumber, amountMinor, currency }, paymentMethod) =>
      ask('/payments/intents', _id, {
        amount: formatAmount(amountMinor, currency),
        currency,
        purpose: { kind: 'sale_bill', id: billNumber },
        description: `Sale ${billNumber}`,
        ...(paymentMethod !== undefined && { payment_method: paymentMethod, confirm: true }),
      }),
    refund: ({ _id, amountMinor, currency, reason }, paymentId) =>
      ask('/refunds', _id, {
        ...{ payment_intent: paymentId, amount: formatAmount(amountMinor, currency) },
        reason: reason.slice(0, REASON_MAX),
      }),
    cancel: (paymentId) => ask(`/payments/intents/${paymentId}/cancel`, `${paymentId}:cancel`, { reason: 'abandoned' }),
  }
}

const outcomeOf = (error: unknown): Outcome => {
  if (!(error instanceof Refusal) || error.status >= 500 || error.code === 'idempotency_in_progress')
    return { kind: 'unclear' }
  return { kind: 'refused', refusal: error }
}
