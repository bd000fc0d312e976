import { addToOutbox } from '@countinghouse/shared/messaging/outbox'
import { PAYMENT_PURPOSES } from '@countinghouse/shared/contracts/payment'
import { counter } from '@countinghouse/shared/metrics'
import { writeCompanions, type CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { inTransaction, readsOn } from '@countinghouse/shared/mongo/transaction'
import { Refusal } from '@countinghouse/shared/refusal'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { Connection } from 'mongoose'
import { refuse } from '../errors.js'
import { walletEvents } from '../ledger/events.js'
import type { Ledger } from '../ledger/ledger.js'
import { PAYMENT_STATUSES, type Payment } from './domain/payment.js'
import { fallbackOf, receiptEntry, targetOf } from './domain/receipt.js'
import { decideSeen, type Seen } from './domain/seen.js'
import { paymentEvents } from './events.js'
import { PaymentChanged, findPayment, paymentUpdate } from './store.js'

export type Deps = { db: Connection; ledger: Ledger; now: () => Date }

/** What commits with a step: the answer to the request that asked for it. */
export type Companions = (payment: Payment) => CompanionWrite[]
export const noCompanions: Companions = () => []

const taken = counter('payments_total', 'Payments by the status that they came to', {
  status: PAYMENT_STATUSES,
  purpose: PAYMENT_PURPOSES,
})

export const getPayment = async ({ db }: Pick<Deps, 'db'>, id: string): Promise<Payment> => {
  const payment = await findPayment(readsOn(db), id)
  if (!payment) throw refuse('payment_not_found', { payment_id: id })
  return payment
}

/** Takes what the provider says of a payment; what it says twice happens once. */
export const takeSeen = async (
  deps: Deps,
  paymentId: string,
  seen: Seen,
  companions: Companions = noCompanions,
): Promise<Payment> => {
  for (;;) {
    const before = await getPayment(deps, paymentId)
    const after = decideSeen(before, seen, deps.now())
    try {
      return await save(deps, before, after, companions)
    } catch (error) {
      if (!(await isOvertaken(deps, before, error))) throw error
    }
  }
}

/** Writes a step over the version that it was decided on; money that came in is entered in the same commit. */
export const save = async (
  deps: Deps,
  before: Payment,
  after: Payment,
  companions: Companions = noCompanions,
): Promise<Payment> => {
  const isReceipt = after.status === 'succeeded' && after.method === 'card' && after.settled === null
  const saved = isReceipt
    ? await receive(deps, before, after, companions)
    : await write(deps, before, after, companions)
  if (before.status !== after.status) taken.inc({ status: after.status, purpose: after.purpose.kind })
  return saved
}

const write = async ({ db, now }: Deps, before: Payment, after: Payment, companions: Companions): Promise<Payment> => {
  const writes = [...(before === after ? [] : [paymentUpdate(before, after)]), ...companions(after)]
  if (writes.length === 0) return after
  await inTransaction(db, async (tx) => {
    await writeCompanions(tx, writes)
    await addToOutbox(tx, ...paymentEvents(before, after, now()))
  })
  return after
}

// The provider has the money whatever becomes of the wallet, so it has to stand somewhere.
const receive = (deps: Deps, before: Payment, after: Payment, companions: Companions): Promise<Payment> =>
  enterReceipt(deps, { before, after, companions, accountId: targetOf(after) }).catch((error: unknown) => {
    if (!isBarred(error)) throw error
    return enterReceipt(deps, { before, after, companions, accountId: fallbackOf(after) })
  })

/** True when the wallet that money is for cannot take it. */
export const isBarred = (error: unknown): boolean =>
  error instanceof Refusal && ['wallet_closed', 'balance_limit', 'account_not_found'].includes(error.code)

type Receipt = { before: Payment; after: Payment; companions: Companions; accountId: string }

const enterReceipt = async (
  { ledger, now }: Deps,
  { before, after, companions, accountId }: Receipt,
): Promise<Payment> => {
  const entryId = uuidv7()
  const settled: Payment = { ...after, settled: { entryId, accountId } }
  const draft = receiptEntry(after, accountId, { entryId, actor: 'service:wallet-service' })
  await ledger.submit({
    drafts: [draft],
    companions: () => [paymentUpdate(before, settled), ...companions(settled)],
    events: (posted) => [...paymentEvents(before, settled, now(), entryId), ...walletEvents(posted)],
  })
  return settled
}

/** True when someone else took a step in between, so that it has to be decided again. */
export const isOvertaken = async (deps: Pick<Deps, 'db'>, before: Payment, error: unknown): Promise<boolean> => {
  if (error instanceof PaymentChanged) return true
  // In one group with the step before it, a step may also be refused for what that one left.
  return error instanceof Refusal && (await getPayment(deps, before._id)).version !== before.version
}
