import { expect, test } from '@jest/globals'
import { Refusal } from '@countinghouse/shared/refusal'
import { decide } from '../decisions/domain.js'
import type { Balances, BookLine } from '../engine/balances.js'
import type { Happening, LoanEvent } from '../engine/events.js'
import { fold } from '../engine/fold.js'
import { PLAIN_PRODUCT } from '../engine/terms.js'
import { recordFact } from '../loans/domain/fact.js'
import { toTerms } from '../loans/domain/terms.js'
import { apply, at, credited, decision, refusalOf, rules } from '../testing/loan.js'
import { askAgain, fail, newMovement, planOf, type Movement } from './domain.js'

const events: LoanEvent[] = [
  { id: 'loan:1', sequence: 1, on: '2026-11-21', kind: 'disbursed', amountMinor: 25_000_00n },
]
const lateFee = { charge: { flatMinor: 50_00n }, graceDays: 0, totalMaxMinor: null }
const loan = credited(decide(apply({ product: { ...PLAIN_PRODUCT, lateFee } }), decision, rules))
const repaid = (amountMinor: bigint): Happening => ({ kind: 'repaid', amountMinor, excess: 'next_instalment' })

const repayment = (amountMinor: bigint, on: string, pending: Movement[] = []): Movement => {
  const asked = { kind: 'repayment', happening: repaid(amountMinor) } as const
  const { before, lines } = planOf(loan, { events, pending }, asked, on)
  const beginning = { id: `movement-${amountMinor}`, lines, on, at, askAgainAt: at, claim: null }
  return newMovement(
    loan,
    { ...asked, userId: 'borrower', by: 'user:borrower', reason: null },
    { ...beginning, outstandingMinor: before.outstandingMinor },
  )
}
const post = (balances: Balances, lines: readonly BookLine[]): void => {
  for (const { account, side, amountMinor } of lines) balances[account] += side === 'debit' ? amountMinor : -amountMinor
}

test('money is asked for as if all that is on its way had arrived: together never more than is owed', () => {
  const first = repayment(20_000_00n, '2026-11-21')
  expect(repayment(5_000_00n, '2026-11-21', [first])).toMatchObject({ amountMinor: 5_000_00n, status: 'PENDING' })
  expect(refusalOf(() => repayment(5_000_01n, '2026-11-21', [first]))).toBe('repayment_above_outstanding')
})

test('money that is settled late counts from the day it was asked for: the late fee is withdrawn, and the books agree', () => {
  const { lines, happening, on } = repayment(830_36n, '2026-12-21')
  if (!happening) throw new Error('a repayment happens')
  const today = '2026-12-30'
  const before = fold(toTerms(loan), events, today)
  expect(before.owed.fees).toBe(50_00n)
  const fact = { step: 'repay', happening, on, key: 'repayment:1', moved: lines, by: 'user:borrower', at } as const
  const { state, entries } = recordFact({ ...loan, booked: before.balances }, events, fact, { today })
  expect(state).toMatchObject({ daysPastDue: 0, owed: { fees: 0n } })
  const balances = { ...before.balances }
  for (const entry of [lines, ...entries.map((due) => due.lines)]) post(balances, entry)
  expect(balances).toEqual(state.balances)
  expect(entries.flatMap((due) => due.lines).map(({ account }) => account)).not.toContain('wallet')
})

test('what a borrower may simply ask for again has failed; what the house owes or has to get is stuck, and tried daily', () => {
  const movement = repayment(1_00n, '2026-11-21')
  const refusal = new Refusal('insufficient_funds', 409, 'too little')
  expect(fail(movement, refusal, at)).toMatchObject({ status: 'FAILED', askAgainAt: null, refusals: 1 })
  const stuck = fail({ ...movement, kind: 'credit-refund' }, refusal, at)
  expect(stuck).toMatchObject({ status: 'STUCK', askAgainAt: new Date('2026-11-22T10:00:00Z') })
  expect(askAgain(stuck, 60_000, at)).toMatchObject({ status: 'PENDING', refusal: null, refusals: 1, attempts: 2 })
})
