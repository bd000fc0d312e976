import type { Claim } from '@countinghouse/shared/idempotency'
import type { Tx } from '@countinghouse/shared/mongo/transaction'
import type { Excess } from '../engine/events.js'
import { refuse } from '../errors.js'
import { getLoan, getOwnLoan } from '../loans/commands.js'
import { beginMovement, planMovement, type Deps } from '../movements/commands.js'
import type { AskedMovement, Movement, Plan } from '../movements/domain.js'
import { findMovement, findUndoing } from '../movements/store.js'
import type { Loan } from '../loans/domain/loan.js'

export type { Deps }

export type AskedRepayment = {
  loanId: string
  userId: string
  by: string
  amountMinor: bigint
  excess: Excess
  claim: Claim | undefined
}

/** Records that the borrower repays; refused beyond what is owed when all that is under way has arrived. */
export const beginRepayment = async (tx: Tx, deps: Deps, { claim, ...asked }: AskedRepayment): Promise<Movement> => {
  const loan = await getOwnLoan(tx, deps, asked.loanId, asked.userId)
  return beginMovement(tx, deps, loan, { ...toMovement(asked), claim })
}

export const previewRepayment = async (
  tx: Tx,
  deps: Deps,
  asked: AskedRepayment,
): Promise<{ loan: Loan; plan: Plan }> => {
  const loan = await getOwnLoan(tx, deps, asked.loanId, asked.userId)
  return { loan, plan: await planMovement(tx, deps, loan, toMovement(asked)) }
}

const toMovement = ({ userId, by, amountMinor, excess }: Omit<AskedRepayment, 'claim'>): AskedMovement => ({
  ...{ kind: 'repayment', happening: { kind: 'repaid', amountMinor, excess }, userId, by, reason: null },
})

export type AskedReversal = {
  loanId: string
  repaymentId: string
  by: string
  reason: string | null
  claim: Claim | undefined
}

/** Records that a repayment goes back to the wallet it came from: the loan is replayed without it. */
export const beginReversal = async (tx: Tx, deps: Deps, { claim, ...asked }: AskedReversal): Promise<Movement> => {
  const { loanId, repaymentId, by, reason } = asked
  const loan = await getLoan(tx, loanId)
  const { result, status, userId } = await getRepayment(tx, loanId, repaymentId)
  if (status !== 'COMPLETED' || result.eventId === null)
    throw refuse('repayment_not_completed', { repayment_id: repaymentId, repayment_status: status })
  const [earlier] = await findUndoing(tx, loanId, [repaymentId])
  if (earlier) throw refuse('already_reversed', { repayment_id: repaymentId })
  const happening = { kind: 'reversed', eventId: result.eventId } as const
  const movement = { kind: 'repayment-reversal', happening, subjectId: repaymentId, userId, by, reason } as const
  return beginMovement(tx, deps, loan, { ...movement, claim })
}

const getRepayment = async (tx: Tx, loanId: string, repaymentId: string): Promise<Movement> => {
  const repayment = await findMovement(tx, repaymentId)
  if (repayment?.kind !== 'repayment' || repayment.loanId !== loanId)
    throw refuse('repayment_not_found', { repayment_id: repaymentId })
  return repayment
}
