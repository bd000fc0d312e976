import { expect, test } from '@jest/globals'
import { entryBetween, NO_BALANCES, type Balances, type BookLine } from '../engine/balances.js'
import { toDay, toDayNumber } from '../engine/days.js'
import type { LoanEvent } from '../engine/events.js'
import { fold } from '../engine/fold.js'
import { PLAIN_PRODUCT, type Product } from '../engine/terms.js'
import type { Loan } from '../loans/domain/loan.js'
import { toTerms } from '../loans/domain/terms.js'
import { apply, credited, decision, rules } from '../testing/loan.js'
import { decide } from '../decisions/domain.js'
import { ageLoan, type Aged } from './domain.js'

const paidOutOn = '2026-11-21'
const events: LoanEvent[] = [{ id: 'loan:1', sequence: 1, on: paidOutOn, kind: 'disbursed', amountMinor: 25_000_00n }]
const running = (product: Partial<Product> = {}): Loan =>
  credited(decide(apply({ product: { ...PLAIN_PRODUCT, ...product } }), decision, rules))

/** The nights up to a day, one after the other. */
const live = (first: Loan, until: string, known = events, daysBefore = 3): Aged[] => {
  const nights: Aged[] = []
  for (let day = toDayNumber(paidOutOn) + 1; day <= toDayNumber(until); day += 1) {
    const night = { day: toDay(day), isLatest: true, remindDaysBefore: daysBefore }
    nights.push(ageLoan(nights.at(-1)?.loan ?? first, known, night))
  }
  return nights
}
const post = (balances: Balances, lines: readonly BookLine[]): void => {
  for (const { account, side, amountMinor } of lines) balances[account] += side === 'debit' ? amountMinor : -amountMinor
}
const remindersOf = (nights: readonly Aged[]) =>
  nights.flatMap(({ reminder, loan }) => (reminder ? [[loan.night?.on, reminder.subject]] : []))

const lateFee = { charge: { flatMinor: 50_00n }, graceDays: 5, totalMaxMinor: 80_00n }
const penalty = { dailyPercent: '0.1', graceDays: 0, totalMaxMinor: 20_00n }

test('what the nights post adds up to what the loan has come to, whatever was late in them', () => {
  const first = running({ lateFee, penalty })
  const balances = { ...NO_BALANCES, ...first.booked }
  for (const { entry, loan } of live(first, '2027-04-30')) {
    post(balances, entry?.lines ?? [])
    expect(balances).toEqual(loan.booked)
  }
  expect(entryBetween(balances, fold(toTerms(first), events, '2027-04-30').balances)).toEqual([])
})

test('late fees and penalties are raised night by night, and stop at their caps', () => {
  const nights = live(running({ lateFee, penalty }), '2027-03-31')
  const sum = (of: 'feesMinor' | 'penaltiesMinor') => nights.reduce((total, { charged }) => total + charged[of], 0n)
  expect([sum('feesMinor'), sum('penaltiesMinor')]).toEqual([80_00n, 20_00n])
  const charging = nights.filter(({ charged }) => charged.feesMinor > 0n).map(({ loan }) => loan.night?.on)
  expect(charging).toEqual(['2026-12-27', '2027-01-27'])
})

test('a night is news when an instalment falls due, or the loan is late in another degree, and not for interest alone', () => {
  const news = live(running(), '2027-01-21').filter(({ isNews }) => isNews)
  expect(news.map(({ loan }) => [loan.night?.on, loan.night?.bucket])).toEqual([
    ['2026-12-21', 'CURRENT'],
    ['2026-12-22', '1-30'],
    ['2027-01-21', '31-60'],
  ])
})

test('a borrower is reminded before an instalment falls due, the day after, and ever more rarely', () => {
  expect(remindersOf(live(running(), '2027-01-21'))).toEqual([
    ['2026-12-18', 'A payment of your loan falls due'],
    ['2026-12-22', 'A payment of your loan is late'],
    ['2026-12-28', 'A payment of your loan is late'],
    ['2027-01-20', 'A payment of your loan is late'],
  ])
})

test('who pays in time is only reminded of what falls due', () => {
  const paid: LoanEvent = {
    ...{ id: 'loan:2', sequence: 2, on: '2026-12-20', kind: 'repaid' },
    ...{ amountMinor: 830_36n, excess: 'next_instalment' },
  }
  expect(remindersOf(live(running(), '2027-01-20', [...events, paid])).map(([on]) => on)).toEqual([
    '2026-12-18',
    '2027-01-18',
  ])
})

test('after nights without a service one reminder comes, the one that fits now', () => {
  const night = (day: string, isLatest: boolean) => ({ day, isLatest, remindDaysBefore: 3 })
  const missed = ageLoan(running(), events, night('2026-12-22', false))
  expect(missed.reminder).toBeUndefined()
  const latest = ageLoan(missed.loan, events, night('2026-12-30', true))
  expect(latest.reminder?.text).toBe('830.36 USD of your loan loan has been late since 2026-12-21, for 9 days.\n')
  expect(ageLoan(latest.loan, events, night('2026-12-31', true)).reminder).toBeUndefined()
})

test('a night that is caught up with takes nothing back that a later fact has brought into the books', () => {
  const [ahead] = live(running(), '2026-12-10').slice(-1)
  const { loan, entry } = ageLoan({ ...(ahead?.loan as Loan), night: null }, events, {
    ...{ day: '2026-12-05', isLatest: true, remindDaysBefore: 3 },
  })
  expect(entry).toBeUndefined()
  expect(loan).toMatchObject({
    booked: ahead?.loan.booked,
    summary: { asOf: '2026-12-10' },
    night: { on: '2026-12-05' },
  })
})
