import { Overtaken } from '../../overtaken.js'
import type { Envelope } from '@countinghouse/shared/messaging/event'
import { counter } from '@countinghouse/shared/metrics'
import type { CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { readsOn, type Reads } from '@countinghouse/shared/mongo/transaction'
import { refuse as refuseCommon } from '@countinghouse/shared/refusal'
import { endUndecided } from '../../approvals/domain.js'
import { toApprovalClosed } from '../../approvals/events.js'
import type { GateDeps } from '../../approvals/gate.js'
import { approvalUpdate, findPendingOf } from '../../approvals/store.js'
import type { Asker } from '../../asking.js'
import { refuse } from '../../errors.js'
import type { Posted, StockLine } from '../../stock/domain/stock.js'
import type { Stock } from '../../stock/stock.js'
import type { Purchase } from '../domain/purchase.js'
import { findPurchase, purchaseUpdate } from '../store.js'

export type Deps = GateDeps & { stock: Stock }

/** The name under which purchases wait for approval. */
export const KIND = 'purchase'

/** The writes that store an answer; none when no key was sent. */
export type Answer<View> = (view: View) => CompanionWrite[]

export type Step = { number: string; by: Asker; ifMatch?: number | undefined }

export const getPurchase = async (reads: Reads, number: string, { userId, seesAll }: Asker): Promise<Purchase> => {
  const purchase = await findPurchase(reads, number, seesAll ? undefined : userId)
  if (!purchase) throw refuse('purchase_not_found', { bill_number: number })
  return purchase
}

export const getForStep = async ({ db }: Deps, { number, by, ifMatch }: Step): Promise<Purchase> => {
  const purchase = await getPurchase(readsOn(db), number, by)
  if (ifMatch !== undefined && ifMatch !== purchase.version) throw refuseCommon('version_conflict')
  return purchase
}

export type Also = { writes: CompanionWrite[]; events: Envelope[] }
const NOTHING: Also = { writes: [], events: [] }

/** What a step made of a purchase, and what is told of it. */
export type Taken = { purchase: Purchase; events(): Envelope[] }

export type Taking = {
  /** Names what moves goods; of each purchase there is one of the name. */
  step: string
  by: Asker
  lines?: readonly StockLine[]
  /** What the step makes of the purchase, when the stock has moved. */
  outcome(posted: Posted): Taken
  /** What commits with it. */
  also?: Also
}

const steps = counter('purchase_steps_total', 'Steps taken with purchases', ['step'])

/** Counts a step that is taken; the number of the step does not matter. */
export const noteStep = (step: string): void => {
  steps.inc({ step: step.replace(/:.*/, '') })
}

/** Takes a step of a purchase: what it does to the stock, the purchase as it leaves it and the answer, in one commit. */
export const takeStep = async (
  { stock, now }: Deps,
  before: Purchase,
  { step, by, lines = [], outcome, also = NOTHING }: Taking,
  answer: Answer<Purchase>,
): Promise<Purchase> => {
  const posted = await stock.submit({
    cause: { kind: KIND, id: before.purchaseId, step },
    actor: `user:${by.userId}`,
    effectiveAt: now(),
    lines,
    companions: (made) => {
      const { purchase } = outcome(made)
      return [...answer(purchase), purchaseUpdate(before, purchase), ...also.writes]
    },
    events: (made) => [...outcome(made).events(), ...also.events],
  })
  noteStep(step)
  return outcome(posted).purchase
}

/** Ends what waits for approval about a purchase that is changed now. */
export const voidingOf = async ({ db, now }: Deps, { _id }: Purchase): Promise<Also> => {
  const pending = await findPendingOf(readsOn(db), KIND, _id)
  if (!pending) return NOTHING
  const after = endUndecided(pending, 'void', now())
  const write = { ...approvalUpdate(pending, after), otherwise: () => new Overtaken() }
  return { writes: [write], events: [toApprovalClosed(after)] }
}
