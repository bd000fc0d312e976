import { announcements } from '@countinghouse/shared/messaging/outbox'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { refuse } from '../../errors.js'
import { walletEvents } from '../../ledger/events.js'
import { getPayment, isOvertaken, save, type Companions } from '../../payments/commands.js'
import {
  refuseUnlessPossible,
  stepped,
  withHistory,
  withLook,
  type Ask,
  type Payment,
  type PaymentStatus,
} from '../../payments/domain/payment.js'
import { targetOf, walletPaymentEntry } from '../../payments/domain/receipt.js'
import { paymentEvents } from '../../payments/events.js'
import { paymentUpdate } from '../../payments/store.js'
import type { Asker, Deps } from './deps.js'

type Step<Asking extends Ask = Ask> = { ask: Asking; by: Asker }

/** Takes the money out of the payer's own wallet, or holds it there until it is captured. */
export const payByWallet = (deps: Deps, payment: Payment, by: Asker, companions: Companions): Promise<Payment> =>
  untilDone(deps, payment, (before) => {
    refuseUnlessPossible(before, { kind: 'confirm', paymentMethod: 'wallet', returnUrl: null })
    const { walletId } = before
    if (walletId === null) throw refuse('wallet_not_found', { payment_id: before._id })
    return before.captureMethod === 'manual'
      ? hold(deps, before, { walletId, by, companions })
      : take(deps, before, { walletId, by, companions })
  })

type Paying = { walletId: string; by: Asker; companions: Companions }

const take = async (deps: Deps, before: Payment, { walletId, by, companions }: Paying): Promise<Payment> => {
  const entryId = uuidv7()
  const after = received(deps, before, { amountMinor: before.amountMinor, entryId, by })
  await deps.ledger.submit({
    drafts: [walletPaymentEntry(before, walletId, { entryId, actor: by.actor })],
    companions: () => [paymentUpdate(before, after), ...companions(after)],
    events: (posted) => [...paymentEvents(before, after, deps.now(), entryId), ...walletEvents(posted)],
  })
  return after
}

const hold = async (deps: Deps, before: Payment, { walletId, by, companions }: Paying): Promise<Payment> => {
  const { amountMinor, currency, description } = before
  let after = at(deps, { ...before, amountCapturableMinor: amountMinor }, 'requires_capture', by)
  await deps.holding.place({ walletId, amountMinor, currency, description }, (holdId) => {
    after = stepped(before, { ...after, holdId })
    return [paymentUpdate(before, after), ...announced(deps, before, after), ...companions(after)]
  })
  return after
}

/** Pays what is held, or a part of it; the rest is let go. */
export const captureHeld = (
  deps: Deps,
  payment: Payment,
  { ask, by }: Step<Extract<Ask, { kind: 'capture' }>>,
  companions: Companions,
): Promise<Payment> =>
  untilDone(deps, payment, async (before) => {
    refuseUnlessPossible(before, ask)
    const { currency } = before
    let after = before
    await deps.holding.capture(before.holdId ?? '', { amountMinor: ask.amountMinor, currency }, (entryId) => {
      after = received(deps, before, { amountMinor: ask.amountMinor, entryId, by })
      return [paymentUpdate(before, after), ...announced(deps, before, after), ...companions(after)]
    })
    return after
  })

/** Ends a payment that has not taken anything; what is held for it is let go. */
export const cancelHeld = (
  deps: Deps,
  payment: Payment,
  { ask, by }: Step<Extract<Ask, { kind: 'cancel' }>>,
  companions: Companions,
): Promise<Payment> =>
  untilDone(deps, payment, async (before) => {
    refuseUnlessPossible(before, ask)
    const after = canceled(deps, before, ask.reason, by)
    if (before.holdId === null) return save(deps, before, after, companions)
    await deps.holding.release(before.holdId, () => [
      paymentUpdate(before, after),
      ...announced(deps, before, after),
      ...companions(after),
    ])
    return after
  })

/** What was held for a payment and is held no longer leaves nothing to be captured. */
export const lookAtHold = async (deps: Deps, before: Payment): Promise<void> => {
  if (before.holdId === null || before.status !== 'requires_capture') return
  if (await deps.holding.isHeld(before.holdId)) return
  const by = { actor: 'service:wallet-service', userId: undefined }
  await save(deps, before, canceled(deps, before, 'expired', by))
}

const canceled = (deps: Deps, before: Payment, reason: string | null, by: Asker): Payment =>
  stepped(
    before,
    at(deps, { ...before, amountCapturableMinor: 0n, cancellationReason: reason }, 'canceled', by, reason),
  )

type Received = { amountMinor: bigint; entryId: string; by: Asker }

const received = (deps: Deps, before: Payment, { amountMinor, entryId, by }: Received): Payment => {
  const settled = { entryId, accountId: targetOf(before) }
  const paid = { ...before, amountReceivedMinor: amountMinor, amountCapturableMinor: 0n, feeMinor: 0n, settled }
  return stepped(before, at(deps, paid, 'succeeded', by))
}

const at = ({ now }: Deps, payment: Payment, status: PaymentStatus, by: Asker, note: string | null = null): Payment =>
  withLook({ ...withHistory(payment, { status, at: now(), by: by.actor, note }), looks: 0 }, now())

const announced = (deps: Deps, before: Payment, after: Payment) =>
  announcements(paymentEvents(before, after, deps.now(), after.settled?.entryId))

/** Decides again on what another step left, until the step is done or refused. */
const untilDone = async (
  deps: Deps,
  payment: Payment,
  step: (before: Payment) => Promise<Payment>,
): Promise<Payment> => {
  for (let before = payment; ; before = await getPayment(deps, payment._id)) {
    try {
      return await step(before)
    } catch (error) {
      if (!(await isOvertaken(deps, before, error))) throw error
    }
  }
}
