import { expect, test } from '@jest/globals'
import { decide } from '../decisions/domain.js'
import { PLAIN_PRODUCT } from '../engine/terms.js'
import { payoutMinorOf, recordFact } from '../loans/domain/fact.js'
import { apply, at, borrower, credited, decision, received, refusalOf, rules } from '../testing/loan.js'
import { withdraw } from '../withdrawals/domain.js'
import {
  activation,
  askAgain,
  failDisbursement,
  isKnown,
  requestForUser,
  retryDisbursement,
  type Asking,
} from './domain.js'

const asking: Asking = { borrower, by: 'user:admin', riskLimit: 0.75, answerWithinMs: 60_000, at }
const approved = decide(apply(), decision, rules)
const waiting = decide(apply(), { ...decision, borrower: { ...borrower, userId: null } }, rules)
const failed = failDisbursement(approved, { code: 'wallet_frozen', reason: 'frozen', by: 'service:wallet', at })

test('a credit makes the loan active, with all it owes and what the books are still owed', () => {
  const active = credited(approved)
  expect(active).toMatchObject({
    status: 'ACTIVE',
    eventCount: 1,
    expiresAt: null,
    disbursement: { status: 'COMPLETED', entryId: 'entry', askAgainAt: null },
    summary: { principalOutstandingMinor: 25_000_00n, oldestUnpaidDueOn: '2026-12-21', lastDueOn: '2029-11-21' },
    booked: { loans_receivable: 25_000_00n, wallet: -25_000_00n },
  })
  expect([isKnown(active, 'entry'), isKnown(active, 'other'), isKnown(approved, 'entry')]).toEqual([true, false, false])
  expect(refusalOf(() => credited(active, { ...received, entryId: 'other' }))).toBe('illegal_transition')
})

test('a fee kept back of the principal never reaches the wallet, and the books are told of it', () => {
  const originationFee = { charge: { percent: '1.5', maxMinor: null }, taken: 'deducted' } as const
  const withFee = decide(apply({ product: { ...PLAIN_PRODUCT, originationFee } }), decision, rules)
  expect(payoutMinorOf(withFee, '2026-11-21')).toBe(24_625_00n)
  const credit = { ...received, amountMinor: 24_625_00n }
  const { entries } = recordFact(withFee, [], activation(withFee, credit, '2026-11-21'), { today: '2026-11-21' })
  expect(entries).toEqual([
    {
      step: '1:disbursed',
      lines: [
        { account: 'loans_receivable', side: 'debit', amountMinor: 375_00n },
        { account: 'fee_income', side: 'credit', amountMinor: 375_00n },
      ],
    },
  ])
})

test('a credit of another amount or currency is not this loan’s', () => {
  for (const other of [{ amountMinor: 1n }, { currency: 'EUR' }])
    expect(refusalOf(() => credited(approved, { ...received, ...other }))).toBe('disbursement_mismatch')
})

test('a disbursement is tried again only when it failed, to a user, and within the risk limit', () => {
  expect(refusalOf(() => retryDisbursement(approved, asking))).toBe('disbursement_not_failed')
  expect(retryDisbursement(failed, asking).disbursement).toMatchObject({ status: 'PENDING', code: null, attempts: 2 })
  const unlinked = { ...asking, borrower: { ...borrower, userId: null } }
  expect(refusalOf(() => retryDisbursement(failed, unlinked))).toBe('customer_not_linked')
  for (const ask of [retryDisbursement, requestForUser, askAgain])
    expect(refusalOf(() => ask({ ...failed, riskScore: 0.75 }, asking))).toBe('risk_too_high')
})

test('the longer a disbursement stays unanswered, the longer the next wait, up to eight times the first', () => {
  let loan = approved
  const waits: number[] = []
  for (let times = 0; times < 8; times++) {
    loan = askAgain(loan, asking)
    waits.push(((loan.disbursement?.askAgainAt?.getTime() ?? 0) - at.getTime()) / 60_000)
  }
  expect(waits).toEqual([2, 4, 8, 8, 8, 8, 8, 8])
})

test('a credit that comes through after a failure still makes the loan active', () => {
  expect(credited(failed).status).toBe('ACTIVE')
})

test('a customer’s new user gets what waited, unless it is the one who approved it', () => {
  expect(requestForUser(waiting, asking).disbursement).toMatchObject({ status: 'PENDING', code: null })
  const decider = { ...asking, borrower: { ...borrower, userId: 'admin' } }
  expect(refusalOf(() => requestForUser(waiting, decider))).toBe('own_loan')
})

test('an approval is taken back only while no money may be under way; a credit that still comes does not revive it', () => {
  const request = { by: 'user:borrower', at, reason: null }
  expect(refusalOf(() => withdraw(approved, request))).toBe('disbursement_pending')
  expect(withdraw(waiting, request)).toMatchObject({
    status: 'WITHDRAWN',
    withdrawal: 'CANCELLED',
    decision: 'REJECTED',
  })
  const cancelled = withdraw(failed, request)
  expect(credited(cancelled)).toMatchObject({
    status: 'WITHDRAWN',
    disbursement: { status: 'COMPLETED', entryId: 'entry' },
  })
})
