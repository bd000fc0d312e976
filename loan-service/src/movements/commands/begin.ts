import { faultPoint } from '@countinghouse/shared/fault'
import { AlreadyAnswered, idempotency, type Claim } from '@countinghouse/shared/idempotency'
import { addToOutbox } from '@countinghouse/shared/messaging/outbox'
import { inTransaction, type Tx } from '@countinghouse/shared/mongo/transaction'
import { refuse as refuseCommon } from '@countinghouse/shared/refusal'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { entryBetween, NO_BALANCES, type BookLine } from '../../engine/balances.js'
import { fold } from '../../engine/fold.js'
import { refuse } from '../../errors.js'
import type { Loan } from '../../loans/domain/loan.js'
import { summaryOf } from '../../loans/domain/fact.js'
import { askAfter } from '../../loans/domain/payout.js'
import { toTerms } from '../../loans/domain/terms.js'
import { toEntryDue } from '../../loans/events.js'
import { findEvents } from '../../loans/store/events.js'
import { saveLoan } from '../../loans/store/loan.js'
import { newMovement, planOf, withPending, type AskedMovement, type Movement, type Plan } from '../domain.js'
import { findClaimed, findPending, insertMovement } from '../store.js'
import type { Deps } from './deps.js'

/** Begins what a request asks for, once for its key: a repeat goes on with what the first began. */
export const beginOnce = async (
  { db }: Deps,
  claim: Claim | undefined,
  begin: (tx: Tx) => Promise<Movement>,
): Promise<Movement> => {
  const movement = await inTransaction(db, async (tx) => {
    if (claim && (await tx.findOne(idempotency, { _id: claim.id }))) throw new AlreadyAnswered()
    const earlier = claim && (await findClaimed(tx, claim.id))
    if (earlier && earlier.claim?.fingerprint !== claim.fingerprint) throw refuseCommon('idempotency_key_reused')
    return earlier ?? begin(tx)
  })
  faultPoint('movement:recorded')
  return movement
}

/** What a movement would do to the loan, if all that is under way arrives. */
export const planMovement = async (
  tx: Tx,
  { now, rules }: Pick<Deps, 'now' | 'rules'>,
  loan: Loan,
  asked: Pick<AskedMovement, 'kind' | 'happening'>,
): Promise<Plan> =>
  planOf(
    loan,
    { events: await findEvents(tx, loan._id), pending: await findPending(tx, loan._id) },
    asked,
    rules.dayOf(now()),
  )

/** Records that money is to move, over the version of the loan that it was decided on; the books accrue first. */
export const beginMovement = async (
  tx: Tx,
  deps: Pick<Deps, 'now' | 'rules'>,
  loan: Loan,
  { claim = null, ...asked }: AskedMovement & { claim?: Claim | null | undefined },
): Promise<Movement> => {
  const { before, lines } = await planMovement(tx, deps, loan, asked)
  const at = deps.now()
  const on = deps.rules.dayOf(at)
  const movement = newMovement(loan, asked, {
    ...{ id: uuidv7(), lines, on, at, claim },
    outstandingMinor: before.outstandingMinor,
    askAgainAt: askAfter(0, { answerWithinMs: deps.rules.answerWithinMs, at }),
  })
  await accrue(tx, loan, { step: `accrual:${movement._id}`, on, at })
  await insertMovement(tx, movement)
  return movement
}

const accrue = async (tx: Tx, loan: Loan, { step, on, at }: { step: string; on: string; at: Date }): Promise<void> => {
  const state = fold(toTerms(loan), await findEvents(tx, loan._id), on)
  const lines = entryBetween(loan.booked ?? NO_BALANCES, state.balances)
  const accrued = { booked: state.balances, summary: summaryOf(state) }
  await saveLoan(tx, { ...loan, ...accrued, updatedAt: at, version: loan.version + 1 })
  if (lines.length > 0) await addToOutbox(tx, toEntryDue(loan, { step, lines }, at))
}

/** Sends back what reached the wallet for a loan that was taken back meanwhile. */
export const beginReturn = async (
  tx: Tx,
  { now, rules }: Pick<Deps, 'now' | 'rules'>,
  loan: Loan,
  { userId, amountMinor, by }: { userId: string; amountMinor: bigint; by: string },
): Promise<void> => {
  const at = now()
  const lines: BookLine[] = [
    { account: 'wallet', side: 'debit', amountMinor },
    { account: 'loans_receivable', side: 'credit', amountMinor },
  ]
  const asked = { kind: 'late-credit-return', happening: null, reason: null, userId, by } as const
  const beginning = { id: uuidv7(), lines, on: rules.dayOf(at), outstandingMinor: 0n, claim: null }
  await insertMovement(tx, newMovement(loan, asked, { ...beginning, at, askAgainAt: at }))
}

/** Where a loan stands today when all that is under way has arrived. */
export const expectedOf = async (tx: Tx, { rules, now }: Pick<Deps, 'now' | 'rules'>, loan: Loan) => {
  const pending = await findPending(tx, loan._id)
  return fold(toTerms(loan), withPending(loan, await findEvents(tx, loan._id), pending), rules.dayOf(now()))
}

/** Refuses what must not be decided while nobody knows whether money has moved. */
export const assertNothingUnderWay = async (tx: Tx, { _id }: Loan): Promise<void> => {
  if ((await findPending(tx, _id)).length > 0) throw refuse('money_under_way', { loan_id: _id })
}
