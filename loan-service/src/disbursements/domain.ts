import type { BookLine } from '../engine/balances.js'
import { refuse } from '../errors.js'
import type { Fact } from '../loans/domain/fact.js'
import type { Borrower, Disbursement, Loan } from '../loans/domain/loan.js'
import { asked, isUnderWay } from '../loans/domain/payout.js'
import { assertApprovable } from '../loans/domain/risk.js'
import { takeStep } from '../loans/domain/steps.js'

/** What the wallet says it received, and who says so. */
export type Credit = {
  entryId: string
  userId: string
  amountMinor: bigint
  currency: string
  creditedAt: Date
  by: string
  at: Date
}

/** True when this credit is known already. */
export const isKnown = ({ disbursement }: Loan, entryId: string): boolean =>
  disbursement?.status === 'COMPLETED' && disbursement.entryId === entryId

/** The disbursement that a credit completes; refuses a credit that is not this loan's. */
export const completed = (loan: Loan, { entryId, amountMinor, currency, creditedAt }: Credit, payoutMinor: bigint) => {
  if (amountMinor !== payoutMinor || currency !== loan.currency) {
    throw refuse('disbursement_mismatch', { loan_id: loan._id, entry_id: entryId })
  }
  const disbursement: Disbursement = {
    ...{ status: 'COMPLETED', code: null, reason: null, askAgainAt: null },
    ...{ entryId, creditedAt, attempts: loan.disbursement?.attempts ?? 0 },
  }
  return { disbursement, expiresAt: null }
}

/** The money is in the wallet, so the loan runs from that day; the ledger has posted what reached the wallet. */
export const activation = (
  loan: Loan,
  { entryId, amountMinor, by, at }: Credit,
  on: string,
): Omit<Fact, 'moved'> & { moved: BookLine[] } => ({
  step: 'credit',
  happening: { kind: 'disbursed', amountMinor: loan.amountMinor },
  ...{ on, key: `disbursement:${entryId}`, by, at },
  moved: [
    { account: 'loans_receivable', side: 'debit', amountMinor },
    { account: 'wallet', side: 'credit', amountMinor },
  ],
})

/** Money came for a loan that was withdrawn meanwhile: it stays withdrawn, and the money is to go back. */
export const creditLate = (loan: Loan, { by, at }: Credit, changes: Partial<Loan>): Loan =>
  takeStep(loan, { step: 'late_credit', by, at }, changes)

export type Failure = { code: string; reason: string; by: string; at: Date }

/** The wallet could not be paid into: the loan stays approved, says why, and can be tried again. */
export const failDisbursement = (loan: Loan, { code, reason, by, at }: Failure): Loan => {
  const attempts = loan.disbursement?.attempts ?? 0
  const disbursement: Disbursement = {
    ...{ status: 'FAILED', code, reason, attempts },
    ...{ entryId: null, creditedAt: null, askAgainAt: null },
  }
  return takeStep(loan, { step: 'disbursement_failed', by, at, reason }, { disbursement })
}

export type Asking = { borrower: Borrower; by: string; riskLimit: number; answerWithinMs: number; at: Date }

export const retryDisbursement = (loan: Loan, asking: Asking): Loan => {
  const requested = ask(loan, 'disbursement_retry', asking)
  const disbursement = loan.disbursement?.status ?? 'none'
  if (disbursement !== 'FAILED') throw refuse('disbursement_not_failed', { loan_id: loan._id, disbursement })
  assertPayable(loan, asking)
  return requested
}

/** The customer got a user: a loan that waited for one is asked for, unless its decider turns out to be the borrower. */
export const requestForUser = (loan: Loan, asking: Asking): Loan => {
  const { userId } = asking.borrower
  const isDecider = loan.decidedBy === userId || loan.votes.some(({ by }) => by === userId)
  if (isDecider) throw refuse('own_loan', { loan_id: loan._id })
  assertPayable(loan, asking)
  return ask(loan, 'disbursement_requested', asking)
}

/** Wallet-service did not answer in time; it pays a loan once however often it is asked. */
export const askAgain = (loan: Loan, asking: Asking): Loan => {
  assertPayable(loan, asking)
  return ask(loan, 'disbursement_unanswered', asking)
}

/** A payment waits for a user, so none of it is under way. */
export const isWaitingForUser = ({ status, disbursement }: Loan): boolean =>
  status === 'APPROVED' && disbursement?.status === 'PENDING' && !isUnderWay(disbursement)

const ask = (
  loan: Loan,
  step: 'disbursement_retry' | 'disbursement_requested' | 'disbursement_unanswered',
  { by, at, answerWithinMs }: Asking,
): Loan =>
  takeStep(
    loan,
    { step, by, at },
    { disbursement: asked({ attempts: loan.disbursement?.attempts ?? 0 }, { answerWithinMs, at }) },
  )

const assertPayable = (loan: Loan, { borrower, riskLimit }: Asking): void => {
  if (borrower.userId === null) throw refuse('customer_not_linked', { loan_id: loan._id })
  assertApprovable(loan, riskLimit)
}
