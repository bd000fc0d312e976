import { readAmount } from '@countinghouse/shared/http/fields'
import { invalidAt } from '@countinghouse/shared/http/problem'
import { AlreadyAnswered, idempotency, type Claim } from '@countinghouse/shared/idempotency'
import { inTransaction } from '@countinghouse/shared/mongo/transaction'
import { refuse as refuseCommon } from '@countinghouse/shared/refusal'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { refuse } from '../../errors.js'
import type { WalletFacts } from '../../ledger/domain.js'
import type { Companions } from '../../payments/commands.js'
import { newPayment, type Payment, type PaymentRequest, type Purpose } from '../../payments/domain/payment.js'
import { isForWallet } from '../../payments/domain/receipt.js'
import { findClaimed, payments } from '../../payments/store.js'
import { carryOutFor } from './carryOut.js'
import type { Asker, Deps } from './deps.js'
import { payByWallet } from './wallet.js'

export type AskedPayment = {
  /** Who pays, as services and admins say. */
  userId: string | undefined
  amount: number | string
  currency: string | undefined
  purpose: Purpose | undefined
  captureMethod: Payment['captureMethod']
  /** The provider's name of a means, or `wallet`. */
  paymentMethod: string | null
  confirm: boolean
  returnUrl: string | null
  description: string | null
  /** The caller's own, to ask other services on their behalf. */
  authorization: string | undefined
}

type Asking = { asked: AskedPayment; by: Asker; claim: Claim | undefined }

/** Begins a payment, once for the key of its request, and takes it as far as was asked. */
export const create = async (deps: Deps, { asked, by, claim }: Asking, companions: Companions): Promise<Payment> => {
  const payment = await beginOnce(deps, claim, () => toRequest(deps, { asked, by, claim }))
  const paysNow = payment.method === 'wallet' && asked.confirm && payment.status === 'requires_payment_method'
  return paysNow ? payByWallet(deps, payment, by, companions) : carryOutFor(deps, payment, claim?.id, companions)
}

const beginOnce = async (
  { db, now }: Deps,
  claim: Claim | undefined,
  toNew: () => Promise<PaymentRequest>,
): Promise<Payment> => {
  const earlier = claim && (await findEarlier({ db }, claim))
  if (earlier) return earlier
  const payment = newPayment(await toNew(), now())
  return inTransaction(db, async (tx) => {
    const twin = claim && (await findClaimed(tx, claim.id))
    if (!twin) await tx.insert(payments, payment)
    return twin ?? payment
  })
}

const findEarlier = ({ db }: Pick<Deps, 'db'>, claim: Claim): Promise<Payment | undefined> =>
  inTransaction(db, async (tx) => {
    if (await tx.findOne(idempotency, { _id: claim.id })) throw new AlreadyAnswered()
    const earlier = await findClaimed(tx, claim.id)
    if (earlier && earlier.claim?.fingerprint !== claim.fingerprint) throw refuseCommon('idempotency_key_reused')
    return earlier
  })

const toRequest = async (deps: Deps, { asked, by, claim }: Asking): Promise<PaymentRequest> => {
  const { captureMethod, paymentMethod, description, returnUrl, confirm } = asked
  const { purpose, ownerId, wallet, currency } = await partiesOf(deps, asked, by)
  const method = paymentMethod === 'wallet' ? 'wallet' : 'card'
  if (method === 'wallet' && (isForWallet(purpose) || !wallet)) throw refuse('payment_method_impossible', { method })
  return {
    ...{ paymentId: uuidv7(), by: by.actor, claim: claim ?? null },
    ...{ ownerId, purpose, currency, captureMethod, method, description, paymentMethod },
    walletId: wallet?._id ?? null,
    amountMinor: readAmount(asked.amount, currency, ['body', 'amount']),
    confirm: confirm ? { paymentMethod: paymentMethod ?? '', returnUrl } : undefined,
  }
}

type Parties = { purpose: Purpose; ownerId: string | null; wallet: WalletFacts | undefined; currency: string }

/** Who pays what for whom: customers for themselves, services and admins for whomever they name. */
const partiesOf = async (deps: Deps, asked: AskedPayment, by: Asker): Promise<Parties> => {
  const { purpose } = asked
  if (by.userId !== undefined && asked.userId !== undefined) throw refuseCommon('forbidden')
  const payer = by.userId ?? asked.userId
  if (purpose === undefined || purpose.kind === 'wallet_topup') return topUp(deps, asked, by, payer)
  const currency = asked.currency ?? deps.currency
  const wallet = payer === undefined ? undefined : await deps.wallets.findOf(payer, currency)
  if (purpose.kind === 'loan_repayment')
    return forLoan(deps, asked, { purpose, ownerId: payer ?? null, wallet, currency })
  // What an order or a sale costs is for its owner to say.
  if (by.userId !== undefined) throw refuseCommon('forbidden')
  return { purpose, ownerId: payer ?? null, wallet, currency }
}

const topUp = async (
  deps: Deps,
  { purpose, currency }: AskedPayment,
  by: Asker,
  payer: string | undefined,
): Promise<Parties> => {
  if (purpose === undefined && payer === undefined) throw invalidAt(['body', 'purpose'], 'field required', 'value_error.missing') // prettier-ignore
  const wallet = purpose
    ? (await deps.wallets.find([purpose.id])).get(purpose.id)
    : await deps.wallets.findOf(payer ?? '', currency ?? deps.currency)
  if (!wallet || (by.userId !== undefined && wallet.ownerId !== by.userId))
    throw refuse('wallet_not_found', { wallet_id: purpose?.id ?? null })
  if (currency !== undefined && currency !== wallet.currency)
    throw refuse('currency_mismatch', { from: currency, to: wallet.currency })
  const ownerId = payer ?? wallet.ownerId
  return { purpose: { kind: 'wallet_topup', id: wallet._id }, ownerId, wallet, currency: wallet.currency }
}

// The money reaches the loan through its borrower's wallet, so a borrower pays for loans of their own.
const forLoan = async ({ loans }: Deps, { authorization }: AskedPayment, parties: Parties): Promise<Parties> => {
  const { wallet, ownerId, currency, purpose } = parties
  if (!wallet) throw refuse('wallet_not_found', { user_id: ownerId, currency })
  await loans.assertVisible(purpose.id, authorization)
  return parties
}
