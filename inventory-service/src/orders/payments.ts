import type { Outcome, WalletPayments } from '../walletPayments.js'
import type { Order, Refund } from './domain/order.js'

/** Payments of orders, made by wallet-service. Whatever is asked twice is done once. */
export interface Payments {
  /** Opens the payment of an order; one from the buyer's wallet is made at once. */
  open(order: Order): Promise<Outcome>
  /** Makes sure that a payment is never made; it says `succeeded` where that is too late. */
  cancel(order: Order): Promise<Outcome>
  refund(order: Order, refund: Refund): Promise<Outcome>
}

export const createPayments = (payments: WalletPayments): Payments => ({
  open: ({ _id, totalMinor: amountMinor, currency, userId, method }) =>
    payments.open({
      ...{ key: _id, amountMinor, currency, userId, description: `Order ${_id}` },
      ...{ purpose: { kind: 'order', id: _id }, paymentMethod: method === 'wallet' ? 'wallet' : undefined },
    }),
  cancel: async ({ _id, paymentId, tries }) => {
    try {
      // It may have been opened although nobody heard so.
      const id = paymentId ?? (await payments.idFor({ kind: 'order', id: _id }))
      if (id === undefined) return { kind: 'open', id: '', status: 'canceled', clientSecret: null }
      const outcome = await payments.cancel(id, `${_id}:cancel:${tries.toString()}`)
      return outcome.kind === 'refused' ? standingIn(outcome, id) : outcome
    } catch (error) {
      return { kind: 'unclear', error }
    }
  },
  refund: ({ paymentId, currency }, { id: key, amountMinor }) =>
    payments.refund({ key, paymentId: paymentId ?? '', amountMinor, currency, reason: 'requested_by_customer' }),
})

/** Of a payment that is past canceling, the refusal says what became of it. */
const standingIn = (outcome: Outcome & { kind: 'refused' }, id: string): Outcome => {
  const status = outcome.refusal.context['payment_status']
  if (typeof status !== 'string') return outcome
  return { kind: status === 'succeeded' ? 'done' : 'open', id, status, clientSecret: null }
}
