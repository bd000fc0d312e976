import { expect, test } from '@jest/globals'
import { LOAN_STATUSES, type LoanStatus } from '@countinghouse/shared/contracts/loan'
import { decide } from '../decisions/domain.js'
import { askAgain, failDisbursement, requestForUser, retryDisbursement } from '../disbursements/domain.js'
import { apply, at, borrower, credited, decision, refusalOf, rules } from '../testing/loan.js'
import { expire, withdraw } from '../withdrawals/domain.js'
import type { Happening, LoanEvent } from '../engine/events.js'
import { recordFact } from './domain/fact.js'
import type { Disbursement, Loan, LoanStep } from './domain/loan.js'

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

const paidOut: LoanEvent[] = [
  { id: 'loan:1', sequence: 1, on: '2026-11-21', kind: 'disbursed', amountMinor: 25_000_00n },
]
const paid = { kind: 'repaid', amountMinor: 25_000_00n, excess: 'next_instalment' } as const
const lives: Partial<Record<LoanStatus, LoanEvent[]>> = {
  ACTIVE: paidOut,
  CLOSED: [...paidOut, { id: 'loan:2', sequence: 2, on: '2026-11-21', ...paid }],
  WRITTEN_OFF: [...paidOut, { id: 'loan:2', sequence: 2, on: '2026-11-21', kind: 'written_off' }],
}
const terms = { firstDueDate: '2027-01-21', instalments: 24 }
const facts: Partial<Record<LoanStep, Happening>> = {
  repay: { kind: 'repaid', amountMinor: 1_00n, excess: 'next_instalment' },
  receive: { kind: 'repaid', amountMinor: 1_00n, excess: 'next_instalment' },
  reverse: { kind: 'reversed', eventId: 'loan:2' },
  charge: { kind: 'charged', part: 'fees', amountMinor: 1_00n },
  waive: { kind: 'waived', part: 'interest', amountMinor: 1_00n },
  reschedule: { kind: 'rescheduled', terms },
  write_off: { kind: 'written_off' },
  undo_write_off: { kind: 'write_off_undone', eventId: 'loan:2' },
  recover: { kind: 'recovered', amountMinor: 1_00n },
  refund: { kind: 'credit_refunded', amountMinor: 1_00n },
}
const factLeadsTo: Partial<Record<LoanStatus, Partial<Record<LoanStep, LoanStatus>>>> = {
  ACTIVE: {
    ...{ repay: 'ACTIVE', receive: 'ACTIVE', reverse: 'ACTIVE', charge: 'ACTIVE', waive: 'ACTIVE' },
    ...{ reschedule: 'ACTIVE', write_off: 'WRITTEN_OFF', refund: 'ACTIVE' },
  },
  // What was refunded too much is owed again.
  CLOSED: { receive: 'CLOSED', reverse: 'ACTIVE', refund: 'ACTIVE' },
  WRITTEN_OFF: { undo_write_off: 'ACTIVE', recover: 'WRITTEN_OFF', receive: 'WRITTEN_OFF' },
}
const factCases = LOAN_STATUSES.flatMap((from) =>
  (Object.keys(facts) as LoanStep[]).map((step) => [from, step, factLeadsTo[from]?.[step] ?? 'nowhere'] as const),
)

test.each(factCases)('of a loan that is %s, the fact %s leads to %s', (from, step, to) => {
  const events = lives[from] ?? []
  const loan: Loan = Object.freeze({ ...apply(), status: from, eventCount: events.length })
  const happening = facts[step] as Happening
  const moved = step === 'refund' || step === 'receive' ? { moved: [] } : {}
  const fact = { step, happening, on: '2026-12-01', key: 'once', by: 'user:admin', at, ...moved }
  const take = () => recordFact(loan, events, fact, { today: '2026-12-01' })
  if (to === 'nowhere') return expect(refusalOf(take)).toBe('illegal_transition')
  expect(take().loan).toMatchObject({ status: to, version: 2, eventCount: events.length + 1 })
})
