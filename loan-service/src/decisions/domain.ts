import { refuse } from '../errors.js'
import { daysAfter } from '../loans/domain/lapse.js'
import type { Borrower, Loan, Vote } from '../loans/domain/loan.js'
import { asked, WAITING_FOR_USER } from '../loans/domain/payout.js'
import { assertApprovable } from '../loans/domain/risk.js'
import { takeStep } from '../loans/domain/steps.js'
import { votesNeeded } from '../loans/domain/votes.js'

export type DecisionRules = {
  /** The score at which a loan is refused. */
  riskLimit: number
  /** Above this amount two people approve, neither of whom entered the loan. */
  dualControlAboveMinor: bigint
  answerWithinMs: number
  /** How long an approval stands that cannot be paid out. */
  offerDays: number
}

export type Decision = {
  action: 'approve' | 'reject'
  decider: { userId: string; isAdmin: boolean }
  borrower: Borrower
  reason: string | null
  at: Date
}

/** The loan as decided; refuses a decider who may not, a loan that is decided already, and a risk that is too high. */
export const decide = (loan: Loan, decision: Decision, rules: DecisionRules): Loan => {
  const { action, decider, borrower } = decision
  const ownApplication = loan.ownApplication && decider.userId === loan.enteredBy
  if (decider.userId === borrower.userId || ownApplication) throw refuse('own_loan', { loan_id: loan._id })
  if (loan.ownApplication && !decider.isAdmin) throw refuse('admin_decides', { loan_id: loan._id })
  return action === 'reject' ? reject(loan, decision) : approve(loan, decision, rules)
}

const reject = (loan: Loan, { decider, reason, at }: Decision): Loan =>
  takeStep(
    loan,
    { step: 'reject', by: `user:${decider.userId}`, at, reason },
    { ...decidedBy(decider.userId, reason, at), decision: 'REJECTED', expiresAt: null },
  )

const approve = (loan: Loan, { decider: { userId }, borrower, reason, at }: Decision, rules: DecisionRules): Loan => {
  const votes: Vote[] = [...loan.votes, { by: userId, at, reason }]
  const isComplete = votes.length >= votesNeeded(loan, rules.dualControlAboveMinor)
  const taken = { step: isComplete ? 'approve' : 'vote', by: `user:${userId}`, at, reason } as const
  const disbursement = borrower.userId === null ? WAITING_FOR_USER : asked({ attempts: 0 }, { ...rules, at })
  const approved = takeStep(loan, taken, {
    votes,
    ...(isComplete && {
      ...decidedBy(userId, reason, at),
      decision: 'APPROVED',
      disbursement,
      expiresAt: daysAfter(at, rules.offerDays),
    }),
  })
  assertMayVote(loan, userId, rules)
  assertApprovable(loan, rules.riskLimit)
  return approved
}

const assertMayVote = (loan: Loan, userId: string, { dualControlAboveMinor }: DecisionRules): void => {
  if (votesNeeded(loan, dualControlAboveMinor) === 1) return
  if (userId === loan.enteredBy) throw refuse('entered_by_decider', { loan_id: loan._id })
  if (loan.votes.some(({ by }) => by === userId)) throw refuse('already_approved', { loan_id: loan._id })
}

const decidedBy = (userId: string, reason: string | null, at: Date) => ({
  decidedBy: userId,
  decidedAt: at,
  decisionReason: reason,
})
