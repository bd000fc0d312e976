import type { Claim } from '@countinghouse/shared/idempotency'
import type { Tx } from '@countinghouse/shared/mongo/transaction'
import type { Excess } from '../engine/events.js'
import { refuse } from '../errors.js'
import { getLoan, getOwnLoan } from '../loans/commands.js'
import { beginMovement, planMovement } from '../movements/commands/begin.js'
import type { Deps } from '../movements/commands/deps.js'
import type { AskedMovement, Movement, Plan } from '../movements/domain.js'
import { findMovement, findUndoing } from '../movements/store.js'
import type { Loan } from '../loans/domain/loan.js'

export type { Deps }

export type AskedRepayment = {
  loanId: string
  /** The borrower who asks; none when a service does, for whoever the borrower is. */
  userId: string | undefined
  by: string
  amountMinor: bigint
  excess: Excess
  claim: Claim | undefined
}

/** Records that the borrower repays; refused beyond what is owed when all that is under way has arrived. */
export const beginRepayment = async (tx: Tx, deps: Deps, asked: AskedRepayment): Promise<Movement> => {
  const { loan, movement } = await repaymentOf(tx, deps, asked)
  return beginMovement(tx, deps, loan, { ...movement, claim: asked.claim })
}

export const previewRepayment = async (
  tx: Tx,
  deps: Deps,
  asked: AskedRepayment,
): Promise<{ loan: Loan; plan: Plan }> => {
  const { loan, movement } = await repaymentOf(tx, deps, asked)
  return { loan, plan: await planMovement(tx, deps, loan, movement) }
}

const repaymentOf = async (tx: Tx, deps: Deps, { loanId, by, amountMinor, excess, ...asked }: AskedRepayment) => {
  const loan = asked.userId === undefined ? await getLoan(tx, loanId) : await getOwnLoan(tx, deps, loanId, asked.userId)
  const { userId } = await deps.borrowers.get(tx, loan.customerId)
  if (userId === null) throw refuse('customer_not_linked', { loan_id: loanId })
  const happening = { kind: 'repaid', amountMinor, excess } as const
  const movement: AskedMovement = { kind: 'repayment', happening, userId, by, reason: null }
  return { loan, movement }
}

export type AskedReversal = {
  loanId: string
  repaymentId: string
  by: string
  reason: string | null
  claim: Claim | undefined
}

/** Records that a repayment goes back to the wallet it came from: the loan is replayed without it. */
export const beginReversal = async (tx: Tx, deps: Deps, asked: AskedReversal): Promise<Movement> => {
  const { loan, movement } = await reversalOf(tx, asked)
  return beginMovement(tx, deps, loan, { ...movement, claim: asked.claim })
}

export const previewReversal = async (tx: Tx, deps: Deps, asked: AskedReversal) => {
  const { loan, movement, repayment } = await reversalOf(tx, asked)
  return { repayment, plan: await planMovement(tx, deps, loan, movement) }
}

const reversalOf = async (tx: Tx, { loanId, repaymentId, by, reason }: AskedReversal) => {
  const loan = await getLoan(tx, loanId)
  const repayment = await getRepayment(tx, loanId, repaymentId)
  const { result, status, userId } = repayment
  if (status !== 'COMPLETED' || result.eventId === null)
    throw refuse('repayment_not_completed', { repayment_id: repaymentId, repayment_status: status })
  const [earlier] = await findUndoing(tx, loanId, [repaymentId])
  if (earlier) throw refuse('already_reversed', { repayment_id: repaymentId })
  const happening = { kind: 'reversed', eventId: result.eventId } as const
  const movement: AskedMovement = {
    ...{ kind: 'repayment-reversal', happening, subjectId: repaymentId, userId, by, reason },
  }
  return { loan, repayment, movement }
}

const getRepayment = async (tx: Tx, loanId: string, repaymentId: string): Promise<Movement> => {
  const repayment = await findMovement(tx, repaymentId)
  if (repayment?.kind !== 'repayment' || repayment.loanId !== loanId)
    throw refuse('repayment_not_found', { repayment_id: repaymentId })
  return repayment
}
