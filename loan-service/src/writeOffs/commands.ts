import type { Claim } from '@countinghouse/shared/idempotency'
import type { Tx } from '@countinghouse/shared/mongo/transaction'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { LoanState } from '../engine/state.js'
import { refuse } from '../errors.js'
import { getOthersLoan } from '../loans/access.js'
import type { Loan } from '../loans/domain/loan.js'
import { assertTakesStep, takeStep } from '../loans/domain/steps.js'
import { findEvents } from '../loans/store/events.js'
import { saveLoan } from '../loans/store/loan.js'
import { assertNothingUnderWay, beginMovement, expectedOf } from '../movements/commands/begin.js'
import type { Deps } from '../movements/commands/deps.js'
import { recordFor } from '../movements/commands/settle.js'
import type { Movement } from '../movements/domain.js'
import { approveWriteOff } from './domain.js'

export type { Deps }

type Asked = { loanId: string; userId: string; reason: string }
export type WrittenOff = { loan: Loan; state: LoanState; approvals: { given: number; needed: number } }

/** Gives up what is owed; above the limit, once a second person agrees. */
export const writeOff = async (tx: Tx, deps: Deps, { loanId, userId, reason }: Asked): Promise<WrittenOff> => {
  const loan = await getOthersLoan(tx, deps, loanId, { userId })
  assertTakesStep(loan, 'write_off')
  await assertNothingUnderWay(tx, loan)
  const owed = await expectedOf(tx, deps, loan)
  const at = deps.now()
  const { votes, needed } = approveWriteOff(loan, owed, { by: userId, at, reason }, deps.rules)
  const approvals = { given: votes.length, needed }
  const taken = { by: `user:${userId}`, at, reason }
  if (votes.length < needed) {
    const voted = takeStep(loan, { step: 'vote_write_off', ...taken }, { writeOffVotes: votes })
    await saveLoan(tx, voted)
    return { loan: voted, state: owed, approvals }
  }
  const fact = { step: 'write_off', happening: { kind: 'written_off' }, ...factOf(deps, 'written_off', at) } as const
  return { ...(await recordFor(tx, deps, loan, { ...fact, ...taken, changes: { writeOffVotes: [] } })), approvals }
}

/** Takes a write-off back while nothing was recovered since. */
export const undoWriteOff = async (tx: Tx, deps: Deps, { loanId, userId, reason }: Asked): Promise<WrittenOff> => {
  const loan = await getOthersLoan(tx, deps, loanId, { userId })
  assertTakesStep(loan, 'undo_write_off')
  await assertNothingUnderWay(tx, loan)
  if ((await expectedOf(tx, deps, loan)).recoveredMinor > 0n) throw refuse('recovered_since', { loan_id: loanId })
  const event = (await findEvents(tx, loanId)).findLast(({ kind }) => kind === 'written_off')
  const happening = { kind: 'write_off_undone', eventId: event?.id ?? '' } as const
  const at = deps.now()
  const fact = { step: 'undo_write_off', happening, ...factOf(deps, 'write_off_undone', at) } as const
  const recorded = await recordFor(tx, deps, loan, { ...fact, by: `user:${userId}`, at, reason })
  return { ...recorded, approvals: { given: 0, needed: 0 } }
}

const factOf = ({ rules }: Deps, kind: string, at: Date) => ({ on: rules.dayOf(at), key: `${kind}:${uuidv7()}` })

export type AskedRecovery = {
  loanId: string
  userId: string
  amountMinor: bigint
  reason: string | null
  claim: Claim | undefined
}

/** Takes from the borrower's wallet what was given up, up to all of it. */
export const beginRecovery = async (tx: Tx, deps: Deps, asked: AskedRecovery): Promise<Movement> => {
  const { loanId, amountMinor, reason, claim } = asked
  const loan = await getOthersLoan(tx, deps, loanId, asked)
  const { userId } = await deps.borrowers.get(tx, loan.customerId)
  if (userId === null) throw refuse('customer_not_linked', { loan_id: loanId })
  const happening = { kind: 'recovered', amountMinor } as const
  return beginMovement(tx, deps, loan, {
    kind: 'recovery',
    happening,
    userId,
    by: `user:${asked.userId}`,
    reason,
    claim,
  })
}
