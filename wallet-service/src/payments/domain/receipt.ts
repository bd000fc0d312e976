import { houseAccountId } from '../../ledger/chart.js'
import { credit, debit, type EntryDraft } from '../../ledger/domain.js'
import { providerEntryKey } from '../provider.js'
import type { Payment, Purpose } from './payment.js'

type ByWhom = { entryId: string; actor: string }

/** Top-ups and repayments of loans go through the payer's wallet, all else through the clearing account. */
export const isForWallet = ({ kind }: Purpose): boolean => kind === 'wallet_topup' || kind === 'loan_repayment'

/** Where the money of a payment belongs. */
export const targetOf = ({ purpose, walletId, currency }: Payment): string =>
  isForWallet(purpose) && walletId !== null ? walletId : houseAccountId('clearing', currency)

/** Where it goes when the wallet cannot take it: the house owes it to the payer. */
export const fallbackOf = ({ currency }: Payment): string => houseAccountId('customer_deposits', currency)

/** The provider has money for us. */
export const receiptEntry = (payment: Payment, accountId: string, by: ByWhom): EntryDraft => ({
  ...named(payment, by),
  key: providerEntryKey(payment.chargeId ?? payment._id, 'charge'),
  postings: [
    debit(houseAccountId('payment_provider', payment.currency), payment.amountReceivedMinor),
    credit(accountId, payment.amountReceivedMinor),
  ],
})

/** The payer's wallet pays by itself. */
export const walletPaymentEntry = (payment: Payment, walletId: string, by: ByWhom): EntryDraft => ({
  ...named(payment, by),
  key: `payment:${payment._id}:paid`,
  postings: [debit(walletId, payment.amountMinor), credit(targetOf(payment), payment.amountMinor)],
})

/** What the provider keeps for a payment. */
export const feeEntry = (payment: Payment, feeMinor: bigint, by: ByWhom): EntryDraft => ({
  ...named(payment, by),
  kind: 'provider-fee',
  key: providerEntryKey(payment.chargeId ?? payment._id, 'fee'),
  postings: [
    debit(houseAccountId('provider_fees', payment.currency), feeMinor),
    credit(houseAccountId('payment_provider', payment.currency), feeMinor),
  ],
})

const named = ({ _id, description }: Payment, { entryId, actor }: ByWhom) => ({
  entryId,
  kind: 'payment',
  reference: { kind: 'payment', id: _id },
  actor,
  ...(description !== null && { description }),
})
