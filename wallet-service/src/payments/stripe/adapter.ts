import type { Stripe } from 'stripe'
import type { PaymentProvider, ProviderMovement } from '../provider.js'
import { createStripeCalls, noProvider, type StripeAccess, type StripeCalls } from './client.js'
import { OUR_ID, readDispute, readMovement, readPayment, readPayout, readRefund } from './read.js'

/** Stripe as the payment provider; without a key, one that is never there. */
export const createStripeProvider = (access: StripeAccess | undefined): PaymentProvider => {
  const calls = access ? createStripeCalls(access) : noProvider()
  return { ...payments(calls), ...refunds(calls), ...disputes(calls), ...payouts(calls), ...movements(calls) }
}

const PAGE = 100

const units = (amount: bigint): number => Number(amount)
const keyed = (idempotencyKey: string) => ({ idempotencyKey })

const payments = ({ call }: StripeCalls) =>
  ({
    createPayment: async ({ paymentId, amountMinor, currency, captureMethod, paymentMethod, description }, key) => {
      const order: Stripe.PaymentIntentCreateParams = {
        amount: units(amountMinor),
        currency: currency.toLowerCase(),
        capture_method: captureMethod,
        allowed_payment_method_types: ['card'],
        metadata: { [OUR_ID]: paymentId },
        ...(paymentMethod !== null && { payment_method: paymentMethod }),
        ...(description !== null && { description }),
      }
      return readPayment(await call((stripe) => stripe.paymentIntents.create(order, keyed(key))))
    },
    confirmPayment: async (id, { paymentMethod, returnUrl }, key) => {
      const means = { payment_method: paymentMethod, ...(returnUrl !== null && { return_url: returnUrl }) }
      return readPayment(await call((stripe) => stripe.paymentIntents.confirm(id, means, keyed(key))))
    },
    capturePayment: async (id, amountMinor, key) => {
      const part = amountMinor === undefined ? {} : { amount_to_capture: units(amountMinor) }
      return readPayment(await call((stripe) => stripe.paymentIntents.capture(id, part, keyed(key))))
    },
    cancelPayment: async (id, reason, key) => {
      const why = reason === null ? {} : { cancellation_reason: reason as 'abandoned' }
      return readPayment(await call((stripe) => stripe.paymentIntents.cancel(id, why, keyed(key))))
    },
    getPayment: async (id) => readPayment(await call((stripe) => stripe.paymentIntents.retrieve(id))),
  }) satisfies Partial<PaymentProvider>

// Stripe takes these reasons and no others.
const REFUND_REASONS = ['duplicate', 'fraudulent', 'requested_by_customer'] as const

const refunds = ({ call }: StripeCalls) =>
  ({
    createRefund: async ({ refundId, providerPaymentId, amountMinor, reason }, key) => {
      const known = REFUND_REASONS.find((one) => one === reason)
      const order: Stripe.RefundCreateParams = {
        payment_intent: providerPaymentId,
        amount: units(amountMinor),
        metadata: { [OUR_ID]: refundId },
        ...(known && { reason: known }),
      }
      return readRefund(await call((stripe) => stripe.refunds.create(order, keyed(key))))
    },
    getRefund: async (id) => readRefund(await call((stripe) => stripe.refunds.retrieve(id))),
    findRefund: async ({ refundId, providerPaymentId }) => {
      const made = { payment_intent: providerPaymentId, limit: PAGE }
      const { data } = await call((stripe) => stripe.refunds.list(made))
      return data.map(readRefund).find((refund) => refund.refundId === refundId)
    },
  }) satisfies Partial<PaymentProvider>

const disputes = ({ call }: StripeCalls) =>
  ({
    getDispute: async (id) => readDispute(await call((stripe) => stripe.disputes.retrieve(id))),
    answerDispute: async (id, evidence, key) => {
      const answer = { evidence: { uncategorized_text: evidence }, submit: true }
      return readDispute(await call((stripe) => stripe.disputes.update(id, answer, keyed(key))))
    },
    acceptDispute: async (id, key) => readDispute(await call((stripe) => stripe.disputes.close(id, {}, keyed(key)))),
  }) satisfies Partial<PaymentProvider>

const payouts = ({ call }: StripeCalls) =>
  ({
    createPayout: async ({ reference, amountMinor, currency, destination, description }, key) => {
      const order: Stripe.PayoutCreateParams = {
        amount: units(amountMinor),
        currency: currency.toLowerCase(),
        destination,
        metadata: { [OUR_ID]: reference },
        ...(description !== null && { description }),
      }
      return readPayout(await call((stripe) => stripe.payouts.create(order, keyed(key))))
    },
    getPayout: async (id) => readPayout(await call((stripe) => stripe.payouts.retrieve(id))),
    async *payoutsBetween(from, until) {
      for await (const payout of pages((way) =>
        call((stripe) => stripe.payouts.list({ ...within(from, until), ...way })),
      ))
        // prettier-ignore
        yield readPayout(payout)
    },
  }) satisfies Partial<PaymentProvider>

const movements = ({ call }: StripeCalls) => ({
  movementsOf: async (source: string): Promise<ProviderMovement[]> => {
    const { data } = await call((stripe) => stripe.balanceTransactions.list({ source, limit: PAGE }))
    return data.map(readMovement)
  },
  async *movementsBetween(from: Date, until: Date): AsyncGenerator<ProviderMovement> {
    const list = (way: Way) => call((stripe) => stripe.balanceTransactions.list({ ...within(from, until), ...way }))
    for await (const movement of pages(list)) yield readMovement(movement)
  },
})

const within = (from: Date, until: Date) => ({
  created: { gte: Math.floor(from.getTime() / 1000), lt: Math.ceil(until.getTime() / 1000) },
  limit: PAGE,
})

type Way = { starting_after?: string }

/** All of a list, page by page. */
async function* pages<Item extends { id: string }>(
  list: (way: Way) => Promise<{ data: Item[]; has_more: boolean }>,
): AsyncGenerator<Item> {
  for (let after: string | undefined; ;) {
    const page = await list(after === undefined ? {} : { starting_after: after })
    yield* page.data
    after = page.data.at(-1)?.id
    if (!page.has_more || after === undefined) return
  }
}
