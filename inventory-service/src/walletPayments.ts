import type { ServiceClient } from '@countinghouse/shared/http/client'
import { formatAmount } from '@countinghouse/shared/money'
import { Refusal } from '@countinghouse/shared/refusal'
import { z } from 'zod'

/** A payment or refund as wallet-service has it. */
export type Standing = { id: string; status: string; clientSecret: string | null }

/** What became of a question to wallet-service: done, still to be heard of, refused for good, or nothing to rely on. */
export type Outcome =
  | ({ kind: 'done' } & Standing)
  | ({ kind: 'open' } & Standing)
  | { kind: 'refused'; refusal: Refusal }
  | { kind: 'unclear'; error: unknown }

export type Purpose = { kind: 'order' | 'sale_bill'; id: string }

type Amount = { key: string; amountMinor: bigint; currency: string }
export type AskedPayment = Amount & {
  purpose: Purpose
  description: string
  userId?: string
  /** With it the payment is made at once. */
  paymentMethod?: string | undefined
}
export type AskedRefund = Amount & { paymentId: string; reason: string }

/** Payments made by wallet-service; whatever is asked twice under one key is done once. */
export interface WalletPayments {
  open(asked: AskedPayment): Promise<Outcome>
  refund(asked: AskedRefund): Promise<Outcome>
  /** Makes sure that a payment is never made; refused where that is too late. */
  cancel(paymentId: string, key: string): Promise<Outcome>
  /** The payment for this, if one was ever opened. */
  idFor(purpose: Purpose): Promise<string | undefined>
}

// The reason is for people, and wallet-service keeps a short one.
const REASON_MAX = 200

const Answered = z.object({ id: z.string(), status: z.string(), client_secret: z.string().nullish() })

export const createWalletPayments = (client: ServiceClient): WalletPayments => {
  const ask = async (path: string, idempotencyKey: string, body: object): Promise<Outcome> => {
    try {
      return standingOf(await client.call({ method: 'POST', path, idempotencyKey, body }, Answered))
    } catch (error) {
      return withoutAnswer(error)
    }
  }
  return {
    open: ({ key, amountMinor, currency, purpose, description, userId, paymentMethod }) =>
      ask('/payments/intents', key, {
        ...{ amount: formatAmount(amountMinor, currency), currency, purpose, description },
        ...(userId !== undefined && { user_id: userId }),
        ...(paymentMethod !== undefined && { payment_method: paymentMethod, confirm: true }),
      }),
    refund: ({ key, paymentId, amountMinor, currency, reason }) =>
      ask('/refunds', key, {
        ...{ payment_intent: paymentId, amount: formatAmount(amountMinor, currency) },
        reason: reason.slice(0, REASON_MAX),
      }),
    cancel: (paymentId, key) => ask(`/payments/intents/${paymentId}/cancel`, key, { reason: 'abandoned' }),
    idFor: async ({ kind, id }) => {
      const path = `/payments/intents?purpose_kind=${kind}&purpose_id=${id}`
      return (await client.call({ path }, z.array(Answered)))[0]?.id
    },
  }
}

const standingOf = ({ id, status, client_secret: clientSecret }: z.output<typeof Answered>): Outcome => ({
  ...{ kind: status === 'succeeded' ? 'done' : 'open', id, status, clientSecret: clientSecret ?? null },
})

const withoutAnswer = (error: unknown): Outcome => {
  const isFinal = error instanceof Refusal && error.status < 500 && error.status !== 429
  return isFinal && error.code !== 'idempotency_in_progress'
    ? { kind: 'refused', refusal: error }
    : { kind: 'unclear', error }
}
