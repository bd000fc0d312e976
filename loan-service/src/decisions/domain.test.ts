import { expect, test } from '@jest/globals'
import type { Loan } from '../loans/domain/loan.js'
import { apply, at, borrower, decision, refusalOf, rules } from '../testing/loan.js'
import { decide, type Decision } from './domain.js'

const by = (userId: string, isAdmin = true): Partial<Decision> => ({ decider: { userId, isAdmin } })
const decideOn = (loan: Loan, change: Partial<Decision> = {}, rule: Partial<typeof rules> = {}) =>
  decide(loan, { ...decision, ...change }, { ...rules, ...rule })
const scored = (riskScore: number): Loan => ({ ...apply(), riskScore })
const large = () => apply({ amountMinor: 50_000_01n }, { ownApplication: false, enteredBy: 'enterer' })

test('a risk of 0.75 or more is never approved, and the refusal says the score and the limit', () => {
  expect(decideOn(scored(0.7499)).status).toBe('APPROVED')
  for (const riskScore of [0.75, 0.81, 1]) expect(refusalOf(() => decideOn(scored(riskScore)))).toBe('risk_too_high')
  expect(() => decideOn(scored(0.81))).toThrow('Loan too risky to approve (risk score 0.81, limit 0.75)')
  expect(decideOn(scored(0.81), { action: 'reject' }).status).toBe('REJECTED')
})

test('a stricter limit binds, and no laxer one loosens it', () => {
  expect(refusalOf(() => decideOn(scored(0.6), {}, { riskLimit: 0.6 }))).toBe('risk_too_high')
  expect(refusalOf(() => decideOn(scored(0.75), {}, { riskLimit: 0.9 }))).toBe('risk_too_high')
})

test('nobody decides where they are the borrower, whatever their role and whatever the customer record says', () => {
  const own = { borrower: { ...borrower, userId: 'admin' } }
  for (const action of ['approve', 'reject'] as const) {
    expect(refusalOf(() => decideOn(apply(), { ...own, action }))).toBe('own_loan')
    expect(
      refusalOf(() => decideOn(apply(), { ...by('borrower'), borrower: { ...borrower, userId: null }, action })),
    ).toBe('own_loan')
  }
})

test('a borrower’s own application is an admin’s to decide, what staff entered also staff’s', () => {
  expect(refusalOf(() => decideOn(apply(), by('staff', false)))).toBe('admin_decides')
  const entered = apply({}, { ownApplication: false, enteredBy: 'staff' })
  expect(decideOn(entered, by('staff', false))).toMatchObject({ status: 'APPROVED', decidedBy: 'staff' })
})

test('above the limit two people approve, neither of whom entered the loan', () => {
  const first = decideOn(large(), by('one'))
  expect(first).toMatchObject({ status: 'APPLIED', decision: 'PENDING', votes: [{ by: 'one' }], disbursement: null })
  expect(refusalOf(() => decideOn(first, by('one')))).toBe('already_approved')
  for (const loan of [large(), first]) expect(refusalOf(() => decideOn(loan, by('enterer')))).toBe('entered_by_decider')
  const second = decideOn(first, by('two'))
  expect(second).toMatchObject({ status: 'APPROVED', decidedBy: 'two', votes: { length: 2 }, version: 3 })
  expect(decideOn(first, { ...by('two'), action: 'reject' }).status).toBe('REJECTED')
})

test('the second vote on a loan whose risk is too high is refused as the first is', () => {
  expect(refusalOf(() => decideOn({ ...large(), riskScore: 0.75 }, by('one')))).toBe('risk_too_high')
  const voted = { ...decideOn(large(), by('one')), riskScore: 0.75 }
  expect(refusalOf(() => decideOn(voted, by('two')))).toBe('risk_too_high')
})

test('for a customer without a user a loan is approved, and its payment waits for one', () => {
  const approved = decideOn(apply(), { borrower: { ...borrower, userId: null } })
  expect(approved.disbursement).toMatchObject({ status: 'PENDING', code: 'customer_not_linked', askAgainAt: null })
  expect(decideOn(apply()).disbursement).toMatchObject({
    status: 'PENDING',
    attempts: 1,
    askAgainAt: new Date(at.getTime() + 60_000),
  })
})
