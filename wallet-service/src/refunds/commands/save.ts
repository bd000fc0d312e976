import type { CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { writeCompanions } from '@countinghouse/shared/mongo/companion'
import { addToOutbox } from '@countinghouse/shared/messaging/outbox'
import { inTransaction, readsOn } from '@countinghouse/shared/mongo/transaction'
import { Refusal } from '@countinghouse/shared/refusal'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { refuse } from '../../errors.js'
import { walletEvents } from '../../ledger/events.js'
import { isBarred } from '../../payments/commands.js'
import type { Payment } from '../../payments/domain/payment.js'
import { PaymentChanged, paymentUpdate } from '../../payments/store.js'
import { entriesBetween, isFailed, withRefunded, type Refund } from '../domain.js'
import { refundEvents } from '../events.js'
import { RefundChanged, findRefund, refundInsertion, refundUpdate } from '../store.js'
import type { Deps } from './deps.js'

const HOUSE = 'service:wallet-service'

/** What commits with a step: the answer to the request that asked for it. */
export type Companions = (refund: Refund) => CompanionWrite[]

export const getRefund = async ({ db }: Pick<Deps, 'db'>, id: string): Promise<Refund> => {
  const refund = await findRefund(readsOn(db), id)
  if (!refund) throw refuse('refund_not_found', { refund_id: id })
  return refund
}

type Step = { before: Refund | undefined; after: Refund; payment: Payment; companions: Companions }

type SavingDeps = Pick<Deps, 'db' | 'ledger' | 'now'>

/** Writes what became of a refund, and moves the money to where it is now, in one commit. */
export const saveRefund = (deps: SavingDeps, step: Step): Promise<Refund> =>
  write(deps, step).catch((error: unknown) => {
    if (step.after.place !== 'back' || !isBarred(error)) throw error
    return write(deps, { ...step, after: { ...step.after, place: 'owed' } })
  })

const write = async (deps: SavingDeps, { before, after, payment, companions }: Step): Promise<Refund> => {
  const drafts = entriesBetween(before, after, () => ({ entryId: uuidv7(), actor: HOUSE }))
  const saved = after.place === 'gone' && drafts[0] ? { ...after, entryId: drafts[0].entryId } : after
  const paid = paymentAfter(before, saved, payment)
  const writes = [
    before ? refundUpdate(before, saved) : refundInsertion(saved),
    ...(paid === payment ? [] : [paymentUpdate(payment, paid)]),
    ...companions(saved),
  ]
  const events = refundEvents({ before, after: saved, payment: paid, now: deps.now() })
  if (drafts.length > 0) {
    await deps.ledger.submit({
      drafts,
      companions: () => writes,
      events: (posted) => [...events, ...walletEvents(posted)],
    })
  } else {
    await inTransaction(deps.db, async (tx) => {
      await writeCompanions(tx, writes)
      await addToOutbox(tx, ...events)
    })
  }
  return saved
}

// What failed counts as not given back; what was made at the provider is counted when it becomes known.
const paymentAfter = (before: Refund | undefined, after: Refund, payment: Payment): Payment => {
  const counted = before ? !isFailed(before) : false
  const counts = !isFailed(after)
  if (counted === counts) return payment
  return withRefunded(payment, counts ? after.amountMinor : -after.amountMinor)
}

/** True when someone else took a step in between, so that it has to be decided again. */
export const isOvertaken = async (
  deps: Pick<Deps, 'db'>,
  before: Refund | undefined,
  error: unknown,
): Promise<boolean> => {
  if (error instanceof RefundChanged || error instanceof PaymentChanged) return true
  if (!(error instanceof Refusal) || !before) return false
  return (await getRefund(deps, before._id)).version !== before.version
}
