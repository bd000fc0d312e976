import { faultPoint } from '@countinghouse/shared/fault'
import { AlreadyAnswered, idempotency, type Claim } from '@countinghouse/shared/idempotency'
import type { Log } from '@countinghouse/shared/log'
import { addToOutbox } from '@countinghouse/shared/messaging/outbox'
import { writeCompanions, type CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { inTransaction, type Tx } from '@countinghouse/shared/mongo/transaction'
import { refuse as refuseCommon } from '@countinghouse/shared/refusal'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { entryBetween, NO_BALANCES, type BookLine } from '../engine/balances.js'
import { fold } from '../engine/fold.js'
import { refuse } from '../errors.js'
import { getLoan } from '../loans/commands.js'
import type { Deps as LoanDeps } from '../loans/deps.js'
import type { Recorded } from '../loans/domain/fact.js'
import type { Loan } from '../loans/domain/loan.js'
import { askAfter } from '../loans/domain/payout.js'
import { takeStep } from '../loans/domain/steps.js'
import { toTerms } from '../loans/domain/terms.js'
import { toEntryDue } from '../loans/events.js'
import { record } from '../loans/recording.js'
import { findEvents } from '../loans/store/events.js'
import { saveLoan } from '../loans/store/loan.js'
import {
  askAgain,
  complete,
  fail,
  isSettled,
  newMovement,
  planOf,
  refusalIn,
  stepOf,
  withPending,
  type AskedMovement,
  type Movement,
  type MovementResult,
  type Plan,
} from './domain.js'
import { findClaimed, findMovement, findPending, getMovement, insertMovement, saveMovement } from './store.js'
import type { Outcome, Wallets } from './wallets.js'

export type Deps = LoanDeps & { wallets: Wallets; log: Log }

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
  const { balances } = fold(toTerms(loan), await findEvents(tx, loan._id), on)
  const lines = entryBetween(loan.booked ?? NO_BALANCES, balances)
  await saveLoan(tx, { ...loan, booked: balances, updatedAt: at, version: loan.version + 1 })
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

/** Asks the ledger and notes what it says; throws its refusal. The companions commit with the outcome. */
export const carryOut = async (
  deps: Deps,
  movement: Movement,
  companions: (movement: Movement) => CompanionWrite[] = () => [],
): Promise<Movement> => {
  const outcome = movement.status === 'PENDING' ? await deps.wallets.enter(movement) : undefined
  faultPoint('movement:answered')
  if (outcome?.kind === 'unclear')
    deps.log.warn({ err: outcome.error, movement: movement._id }, 'The ledger has not said whether money moved')
  const noted = await inTransaction(deps.db, async (tx) => {
    const current = await note(tx, deps, movement._id, outcome)
    if (!current.refusal) await writeCompanions(tx, companions(current))
    return current
  })
  const refusal = outcome?.kind === 'refused' ? outcome.refusal : refusalIn(noted)
  if (noted.refusal && refusal) throw refusal
  return noted
}

const note = async (tx: Tx, deps: Deps, id: string, outcome: Outcome | undefined): Promise<Movement> => {
  if (outcome?.kind === 'entered') return settle(tx, deps, id, outcome.entryId)
  const movement = await getMovement(tx, id)
  if (outcome?.kind !== 'refused' || movement.status !== 'PENDING') return movement
  const failed = fail(movement, outcome.refusal, deps.now())
  if (failed.status === 'STUCK') deps.log.error({ movement: failed }, 'Money that has to move can not')
  await saveMovement(tx, failed)
  return failed
}

/** The money has moved: the loan takes it, once, however often it is told. */
export const settle = async (tx: Tx, deps: Deps, id: string, entryId: string): Promise<Movement> => {
  const movement = await getMovement(tx, id)
  if (isSettled(movement)) return movement
  const at = deps.now()
  const result = await take(tx, deps, movement, at)
  const settled = complete(movement, entryId, result, at)
  await saveMovement(tx, settled)
  return settled
}

const take = async (tx: Tx, deps: Deps, movement: Movement, at: Date): Promise<MovementResult> => {
  const { _id, loanId, kind, happening, on, lines, by, reason } = movement
  const loan = await getLoan(tx, loanId)
  const step = stepOf(kind, loan, true)
  if (!happening) {
    const returned = loan.disbursement && { disbursement: { ...loan.disbursement, status: 'RETURNED' as const } }
    await saveLoan(tx, takeStep(loan, { step, by, at, reason }, { ...returned }))
    return { ...movement.result, loanStatus: loan.status }
  }
  // Out of what is on its way first, so that the refund of a credit is not begun over it.
  await saveMovement(tx, { ...movement, status: 'COMPLETED', askAgainAt: null })
  const fact = { step, happening, on, key: `${kind}:${_id}`, moved: lines, by, reason, at }
  const { row, state, loan: after } = await recordFor(tx, deps, loan, fact)
  return {
    eventId: row._id,
    allocation: state.allocations.get(row._id) ?? null,
    outstandingMinor: state.outstandingMinor,
    loanStatus: after.status,
  }
}

/** Records a fact; what it shows to have been paid too much goes back to the wallet. */
export const recordFor = async (
  tx: Tx,
  deps: Deps,
  loan: Loan,
  fact: Parameters<typeof record>[3],
): Promise<Recorded> => {
  const recorded = await record(tx, deps, loan, fact)
  const { loan: after, state } = recorded
  if (after.status === 'CLOSED' && state.creditBalanceMinor > 0n) await refundCredit(tx, deps, after)
  return recorded
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

const refundCredit = async (tx: Tx, deps: Deps, loan: Loan): Promise<void> => {
  const { creditBalanceMinor: amountMinor } = await expectedOf(tx, deps, loan)
  const { userId } = await deps.borrowers.get(tx, loan.customerId)
  if (amountMinor === 0n || userId === null) return
  const happening = { kind: 'credit_refunded', amountMinor } as const
  const asked = { kind: 'credit-refund', happening, userId, by: 'service:loan-service', reason: null } as const
  const movement = await beginMovement(tx, deps, loan, asked)
  await saveMovement(tx, { ...movement, askAgainAt: deps.now() })
}

export type Told = { movementId: string; entryId: string; amountMinor: bigint }

/** The ledger tells that money moved: also when nobody heard its answer. */
export const settleTold = async (tx: Tx, deps: Deps, { movementId, entryId, amountMinor }: Told): Promise<void> => {
  const movement = await findMovement(tx, movementId)
  if (!movement) return
  if (movement.amountMinor !== amountMinor) throw new Error(`${entryId} is not the entry of movement ${movementId}`)
  await settle(tx, deps, movementId, entryId)
}

/** Asks the ledger once more, unless somebody else has done so since. */
export const askOnceMore = async (deps: Deps, { _id, attempts }: Movement): Promise<Movement | undefined> => {
  const again = await inTransaction(deps.db, async (tx) => {
    const movement = await getMovement(tx, _id)
    if (movement.askAgainAt === null || movement.attempts !== attempts) return undefined
    const asked = askAgain(movement, deps.rules.answerWithinMs, deps.now())
    await saveMovement(tx, asked)
    return asked
  })
  return again && carryOut(deps, again)
}
