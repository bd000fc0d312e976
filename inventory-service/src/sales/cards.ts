import type { Outcome, WalletPayments } from '../walletPayments.js'
import type { SalePayment, SaleRefund } from './records.js'

/** Money that moves by card, through wallet-service; asked again for the same record, it moves once. */
export interface Cards {
  charge(payment: SalePayment, paymentMethod: string | undefined): Promise<Outcome>
  refund(refund: SaleRefund, paymentId: string): Promise<Outcome>
  /** Makes sure that a payment is never made; refused where that is too late. */
  cancel(paymentId: string): Promise<Outcome>
}

export const createCards = (payments: WalletPayments): Cards => ({
  charge: ({ _id: key, billNumber, amountMinor, currency }, paymentMethod) =>
    payments.open({
      ...{ key, amountMinor, currency, paymentMethod },
      ...{ purpose: { kind: 'sale_bill', id: billNumber }, description: `Sale ${billNumber}` },
    }),
  refund: ({ _id: key, amountMinor, currency, reason }, paymentId) =>
    payments.refund({ key, paymentId, amountMinor, currency, reason }),
  cancel: (paymentId) => payments.cancel(paymentId, `${paymentId}:cancel`),
})
