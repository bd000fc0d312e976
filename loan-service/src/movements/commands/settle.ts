import { counter } from '@countinghouse/shared/metrics'
import type { Tx } from '@countinghouse/shared/mongo/transaction'
import { getLoan } from '../../loans/commands.js'
import type { Recorded } from '../../loans/domain/fact.js'
import type { Loan } from '../../loans/domain/loan.js'
import { takeStep } from '../../loans/domain/steps.js'
import { record } from '../../loans/recording.js'
import { saveLoan } from '../../loans/store/loan.js'
import { MOVEMENT_KINDS, complete, isSettled, stepOf, type Movement, type MovementResult } from '../domain.js'
import { findMovement, getMovement, saveMovement } from '../store.js'
import { beginMovement, expectedOf } from './begin.js'
import type { Deps } from './deps.js'

const completed = counter('loan_movements_total', 'Money that moved between loans and wallets', {
  kind: MOVEMENT_KINDS,
})

/** The money has moved: the loan takes it, once, however often it is told. */
export const settle = async (tx: Tx, deps: Deps, id: string, entryId: string): Promise<Movement> => {
  const movement = await getMovement(tx, id)
  if (isSettled(movement)) return movement
  const at = deps.now()
  const result = await take(tx, deps, movement, at)
  const settled = complete(movement, entryId, result, at)
  await saveMovement(tx, settled)
  completed.inc({ kind: settled.kind })
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
