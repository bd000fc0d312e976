import { expect, test } from '@jest/globals'
import { LOAN_STATUSES, type LoanStatus } from '@countinghouse/shared/contracts/loan'
import { decide } from '../decisions/domain.js'
import { askAgain, failDisbursement, requestForUser, retryDisbursement } from '../disbursements/domain.js'
import { apply, at, borrower, credited, decision, refusalOf, rules } from '../testing/loan.js'
import { expire, withdraw } from '../withdrawals/domain.js'
import type { Disbursement, Loan } from './domain/loan.js'

const asking = { borrower, by: 'user:admin', riskLimit: 0.75, answerWithinMs: 60_000, at }
const request = { by: 'user:borrower', at, reason: null }

const steps: Record<string, (loan: Loan) => Loan> = {
  approve: (loan) => decide(loan, decision, rules),
  reject: (loan) => decide(loan, { ...decision, action: 'reject' }, rules),
  withdraw: (loan) => withdraw(loan, request),
  expire: (loan) => expire(loan, request),
  credit: (loan) => credited(loan),
  'disbursement failed': (loan) => failDisbursement(loan, { code: 'wallet_frozen', reason: 'frozen', by: 'x', at }),
  'disbursement retry': (loan) => retryDisbursement(loan, asking),
  'user linked': (loan) => requestForUser(loan, asking),
  'no answer': (loan) => askAgain(loan, asking),
}
const leadsTo: Partial<Record<LoanStatus, Record<string, LoanStatus>>> = {
  APPLIED: { approve: 'APPROVED', reject: 'REJECTED', withdraw: 'WITHDRAWN', expire: 'WITHDRAWN' },
  APPROVED: {
    ...{ withdraw: 'WITHDRAWN', expire: 'WITHDRAWN', credit: 'ACTIVE', 'disbursement failed': 'APPROVED' },
    ...{ 'disbursement retry': 'APPROVED', 'user linked': 'APPROVED', 'no answer': 'APPROVED' },
  },
  WITHDRAWN: { credit: 'WITHDRAWN' },
}
const failed: Disbursement = {
  ...{ status: 'FAILED', code: 'wallet_frozen', reason: 'The wallet is frozen', entryId: null, creditedAt: null },
  ...{ attempts: 1, askAgainAt: null },
}
const cases = LOAN_STATUSES.flatMap((from) =>
  Object.keys(steps).map((step) => [from, step, leadsTo[from]?.[step] ?? 'nowhere'] as const),
)

test.each(cases)('%s: %s leads to %s', (from, step, to) => {
  const loan: Loan = Object.freeze({ ...apply(), status: from, disbursement: failed })
  const take = () => steps[step]?.(loan)
  if (to === 'nowhere') return expect(refusalOf(take)).toBe('illegal_transition')
  const taken = take()
  expect(taken).toMatchObject({ status: to, version: 2, updatedAt: at, history: { length: 2 } })
  expect(taken?.history.at(-1)).toMatchObject({ status: to, at })
})
