import { addToOutbox } from '@countinghouse/shared/messaging/outbox'
import type { Envelope } from '@countinghouse/shared/messaging/event'
import type { Tx } from '@countinghouse/shared/mongo/transaction'
import { refuse as refuseCommon } from '@countinghouse/shared/refusal'
import { getLoan } from '../loans/commands.js'
import type { Deps } from '../loans/deps.js'
import { payoutMinorOf } from '../loans/domain/fact.js'
import type { Borrower, Loan } from '../loans/domain/loan.js'
import { toLoanApproved, toLoanRejected } from '../loans/events.js'
import { saveLoan } from '../loans/store/loan.js'
import { decide, type Decision } from './domain.js'

export type LoanDecision = Pick<Decision, 'action' | 'decider' | 'reason'> & {
  loanId: string
  ifMatch?: number | undefined
}

export const decideLoan = async (tx: Tx, { now, rules, borrowers }: Deps, request: LoanDecision): Promise<Loan> => {
  const { loanId, ifMatch, ...decision } = request
  const loan = await getLoan(tx, loanId)
  if (ifMatch !== undefined && ifMatch !== loan.version) throw refuseCommon('version_conflict')
  const borrower = await borrowers.getForDecision(tx, loan.customerId)
  const decided = decide(loan, { ...decision, borrower, at: now() }, rules)
  await saveLoan(tx, decided)
  await addToOutbox(tx, ...announcementOf(decided, borrower, rules))
  return decided
}

// The first of two approvals changes nothing for anybody else.
const announcementOf = (loan: Loan, { userId }: Borrower, { dayOf }: Deps['rules']): Envelope[] => {
  if (loan.status === 'REJECTED') return [toLoanRejected(loan)]
  if (loan.status !== 'APPROVED') return []
  return [toLoanApproved(loan, userId, payoutMinorOf(loan, dayOf(loan.updatedAt)))]
}
