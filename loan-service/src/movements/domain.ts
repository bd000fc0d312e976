import { Refusal } from '@countinghouse/shared/refusal'
import type { LoanStatus } from '@countinghouse/shared/contracts/loan'
import { entryBetween, type BookLine } from '../engine/balances.js'
import type { Happening, LoanEvent } from '../engine/events.js'
import { fold } from '../engine/fold.js'
import { assertTakes } from '../engine/guard.js'
import type { Allocation, LoanState } from '../engine/state.js'
import type { Loan, LoanStep } from '../loans/domain/loan.js'
import { askAfter } from '../loans/domain/payout.js'
import { assertTakesStep } from '../loans/domain/steps.js'
import { toTerms } from '../loans/domain/terms.js'

export const MOVEMENT_KINDS = [
  'repayment',
  'repayment-reversal',
  'recovery',
  'credit-refund',
  'late-credit-return',
] as const
export type MovementKind = (typeof MOVEMENT_KINDS)[number]

/** `STUCK` is refused as well, but owed: it is tried again. */
export const MOVEMENT_STATUSES = ['PENDING', 'COMPLETED', 'FAILED', 'STUCK'] as const
export type MovementStatus = (typeof MOVEMENT_STATUSES)[number]

/** The request that it was asked for with, by its key and its payload. */
export type RequestClaim = { id: string; fingerprint: string }

/** Where a movement left the loan; before it is settled, where it found it. */
export type MovementResult = {
  eventId: string | null
  allocation: Allocation | null
  outstandingMinor: bigint
  loanStatus: LoanStatus
}

/** Money on its way between the borrower's wallet and the house: recorded before the ledger is asked, settled after. */
export type Movement = {
  _id: string
  loanId: string
  kind: MovementKind
  /** What it undoes. */
  subjectId: string | null
  userId: string
  amountMinor: bigint
  currency: string
  /** What it is in the life of the loan, with value from the day on which it was asked for. */
  happening: Happening | null
  on: string
  /** The entry as the ledger is asked for it. */
  lines: BookLine[]
  claim: RequestClaim | null
  by: string
  reason: string | null
  status: MovementStatus
  refusal: { code: string; status: number; message: string } | null
  entryId: string | null
  result: MovementResult
  /** How often the ledger was asked, how often it said no, and when to ask again. */
  attempts: number
  refusals: number
  askAgainAt: Date | null
  createdAt: Date
  settledAt: Date | null
}

/** Money that is to move, as its feature asks for it. */
export type AskedMovement = Pick<Movement, 'kind' | 'userId' | 'by' | 'reason'> & {
  happening: Happening
  subjectId?: string
}

export type Plan = { before: LoanState; after: LoanState; allocation: Allocation | null; lines: BookLine[] }

/** What the movement will do to the loan when all that is under way has arrived; refuses what the loan does not take. */
export const planOf = (
  loan: Loan,
  { events, pending }: { events: readonly LoanEvent[]; pending: readonly Movement[] },
  { kind, happening }: Pick<AskedMovement, 'kind' | 'happening'>,
  on: string,
): Plan => {
  assertTakesStep(loan, stepOf(kind, loan))
  const expected = withPending(loan, events, pending)
  const before = fold(toTerms(loan), expected, on)
  assertTakes(before, happening, loan.currency)
  const asked = { id: 'asked', sequence: loan.eventCount + pending.length + 1, on, ...happening }
  const after = fold(toTerms(loan), [...expected, asked], on)
  const lines = entryBetween(before.balances, after.balances)
  return { before, after, allocation: after.allocations.get('asked') ?? null, lines }
}

/** The events of a loan as if all that is under way had arrived. */
export const withPending = (loan: Loan, events: readonly LoanEvent[], pending: readonly Movement[]): LoanEvent[] => [
  ...events,
  ...pending.flatMap(({ _id, on, happening }, index) =>
    happening ? [{ id: _id, sequence: loan.eventCount + index + 1, on, ...happening }] : [],
  ),
]

/** The step that a loan takes by it; money that has moved is taken wherever the loan has got to meanwhile. */
export const stepOf = (kind: MovementKind, loan: Loan, hasMoved = false): LoanStep => {
  switch (kind) {
    case 'repayment':
      return hasMoved && loan.status !== 'ACTIVE' ? 'receive' : 'repay'
    case 'repayment-reversal':
      return 'reverse'
    case 'recovery':
      return 'recover'
    case 'credit-refund':
      return 'refund'
    case 'late-credit-return':
      return 'return_credit'
  }
}

export type Beginning = {
  id: string
  lines: BookLine[]
  on: string
  outstandingMinor: bigint
  claim: RequestClaim | null
  at: Date
  askAgainAt: Date
}

export const newMovement = (
  loan: Loan,
  asked: Omit<AskedMovement, 'happening'> & { happening: Happening | null },
  { id, lines, on, outstandingMinor, claim, at, askAgainAt }: Beginning,
): Movement => ({
  _id: id,
  loanId: loan._id,
  kind: asked.kind,
  subjectId: asked.subjectId ?? null,
  ...{ userId: asked.userId, by: asked.by, reason: asked.reason, happening: asked.happening },
  amountMinor: lines.find(({ account }) => account === 'wallet')?.amountMinor ?? 0n,
  currency: loan.currency,
  ...{ on, lines, claim, status: 'PENDING', refusal: null, entryId: null },
  result: { eventId: null, allocation: null, outstandingMinor, loanStatus: loan.status },
  ...{ attempts: 1, refusals: 0, askAgainAt, createdAt: at, settledAt: null },
})

export const isSettled = ({ status }: Movement): boolean => status === 'COMPLETED'

export const complete = (movement: Movement, entryId: string, result: MovementResult, at: Date): Movement => ({
  ...movement,
  ...{ status: 'COMPLETED', refusal: null, entryId, result, askAgainAt: null, settledAt: at },
})

const OWED: readonly MovementKind[] = ['credit-refund', 'late-credit-return']
const STUCK_RETRY_MS = 24 * 3600 * 1000

/** The ledger said no, so nothing moved; what has to move nevertheless is tried again the next day. */
export const fail = (movement: Movement, { code, status, message }: Refusal, at: Date): Movement => ({
  ...movement,
  refusal: { code, status, message },
  refusals: movement.refusals + 1,
  ...(OWED.includes(movement.kind)
    ? { status: 'STUCK', askAgainAt: new Date(at.getTime() + STUCK_RETRY_MS) }
    : { status: 'FAILED', askAgainAt: null, settledAt: at }),
})

/** Asked for once more; the longer there is no answer, the longer the next wait. */
export const askAgain = (movement: Movement, answerWithinMs: number, at: Date): Movement => ({
  ...movement,
  ...{ status: 'PENDING', refusal: null, attempts: movement.attempts + 1 },
  askAgainAt: askAfter(movement.attempts, { answerWithinMs, at }),
})

export const refusalIn = ({ refusal }: Movement): Refusal | undefined =>
  refusal ? new Refusal(refusal.code, refusal.status, refusal.message) : undefined
