import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { divideRounded } from '@countinghouse/shared/money'
import { BOOK_ACCOUNTS, entryBetween, NO_BALANCES } from './balances.js'
import { emiOf } from './emi.js'
import { fold } from './fold.js'
import { journalOf } from './journal.js'
import { sumOf } from './running.js'
import { scheduleOf } from './schedule.js'
import type { LoanState } from './state.js'
import { PARTS } from './terms.js'
import { anyLife, anyTerms, daysLater, lifeOf, repaid, RUNS, START, termsOf, type Life } from './testing/loans.js'

const total = (amounts: readonly bigint[]): bigint => amounts.reduce((sum, amount) => sum + amount, 0n)
const forEvery = <Value>(values: fc.Arbitrary<Value>, law: (value: Value) => void, runs = RUNS) => {
  fc.assert(fc.property(values, law), { numRuns: runs })
}
const plain = (state: LoanState) => ({ ...state, allocations: Object.fromEntries(state.allocations) })

describe('every schedule', () => {
  test('has as many rows as agreed, whose principal adds up, and ends at nothing', () => {
    forEvery(anyTerms, (terms) => {
      const rows = scheduleOf(terms, START)
      expect(rows).toHaveLength(terms.instalments)
      expect(total(rows.map(({ principalMinor }) => principalMinor))).toBe(terms.amountMinor)
      expect(rows.at(-1)?.balanceMinor).toBe(0n)
      const graceful = Math.max(terms.grace.principalPeriods, terms.grace.moratoriumPeriods)
      expect(rows.slice(graceful).every(({ totalMinor }) => totalMinor > 0n)).toBe(true)
    })
  })

  test('asks each month for a twelfth of the yearly interest on the balance, rounded once', () => {
    forEvery(anyTerms, ({ amountMinor, annualRate, instalments }) => {
      const [whole = '', decimals = ''] = annualRate.split('.')
      const rows = scheduleOf({ ...monthly, amountMinor, annualRate, instalments }, START)
      let balance = amountMinor
      for (const { interestMinor, balanceMinor } of rows) {
        const perYear = balance * BigInt(whole + decimals)
        expect(interestMinor).toBe(divideRounded(perYear, 1200n * 10n ** BigInt(decimals.length), 'half_even'))
        balance = balanceMinor
      }
    })
  })

  test('is what a borrower pays who pays in time', () => {
    forEvery(anyTerms, (terms) => {
      const bare = { ...terms, originationFee: null }
      const rows = scheduleOf(bare, START)
      const paid = rows.filter(({ totalMinor }) => totalMinor > 0n)
      const life = lifeOf(
        bare,
        ...paid.map(({ dueDate, totalMinor }) => [dueDate, repaid(totalMinor)] as [string, ReturnType<typeof repaid>]),
      )
      const state = fold(bare, life, rows.at(-1)?.dueDate ?? START)
      expect(state).toMatchObject({ status: 'CLOSED', creditBalanceMinor: 0n, outstandingMinor: 0n })
      expect(state.instalments.map(({ totalMinor }) => totalMinor)).toEqual(rows.map(({ totalMinor }) => totalMinor))
    })
  })
})

const monthly = termsOf()

test('the instalment grows with amount and rate, and falls with the term', () => {
  const loan = fc.record({
    principalMinor: fc.bigInt({ min: 10_000n, max: 1_000_000_00n }),
    rate: fc.integer({ min: 0, max: 4000 }),
    termMonths: fc.integer({ min: 1, max: 120 }),
  })
  const emi = ({ principalMinor, rate, termMonths }: { principalMinor: bigint; rate: number; termMonths: number }) =>
    emiOf({
      principalMinor,
      annualRate: `${Math.floor(rate / 100)}.${String(rate % 100).padStart(2, '0')}`,
      termMonths,
    })
  forEvery(loan, (one) => {
    const instalment = emi(one)
    expect(emi({ ...one, principalMinor: one.principalMinor + 5_000n })).toBeGreaterThanOrEqual(instalment)
    expect(emi({ ...one, rate: one.rate + 25 })).toBeGreaterThanOrEqual(instalment)
    expect(emi({ ...one, termMonths: one.termMonths + 1 })).toBeLessThanOrEqual(instalment)
  })
})

const stateOf = ({ terms, events, asOf }: Life) => fold(terms, events, asOf)

describe('after every sequence of events, on every day', () => {
  test('no part is below zero, and nobody has settled more than was asked for', () => {
    forEvery(anyLife, (life) => {
      const state = stateOf(life)
      const sums = [...Object.values(state.owed), state.dueNowMinor, state.creditBalanceMinor, state.prepaidMinor]
      expect(sums.every((amount) => amount >= 0n)).toBe(true)
      expect(state.interestToComeMinor).toBeGreaterThanOrEqual(0n)
      const isSound = state.instalments.every(
        ({ due, settled, openMinor }) =>
          openMinor >= 0n && PARTS.every((part) => settled[part] >= 0n && due[part] >= settled[part]),
      )
      expect(isSound).toBe(true)
    })
  })

  test('the books show what the loan shows', () => {
    forEvery(anyLife, (life) => {
      const { balances, owed, creditBalanceMinor } = stateOf(life)
      expect(total(Object.values(balances))).toBe(0n)
      expect(balances.loans_receivable).toBe(owed.principal)
      expect(balances.interest_receivable).toBe(owed.interest)
      expect(balances.fees_receivable).toBe(owed.fees)
      expect(balances.penalties_receivable).toBe(owed.penalties)
      expect(balances.interest_suspense <= 0n && -balances.interest_suspense <= owed.interest).toBe(true)
      expect(balances.customer_credit_balances).toBe(-creditBalanceMinor)
    })
  })

  test('the journal is balanced entry by entry and leads to the same books', () => {
    forEvery(anyLife, (life) => {
      const found = { ...NO_BALANCES }
      for (const { lines } of journalOf(life.terms, life.events, life.asOf)) {
        const signed = lines.map(({ side, amountMinor }) => (side === 'debit' ? amountMinor : -amountMinor))
        expect(total(signed)).toBe(0n)
        lines.forEach(({ account }, index) => (found[account] += signed[index] ?? 0n))
      }
      expect(found).toEqual(stateOf(life).balances)
    })
  })

  test('entries made as events become known add up to the books, however late they were known', () => {
    forEvery(anyLife, ({ terms, events, asOf }) => {
      const posted = { ...NO_BALANCES }
      events.forEach((_, index) => {
        const due = fold(terms, events.slice(0, index + 1), asOf).balances
        for (const { account, side, amountMinor } of entryBetween(posted, due)) {
          posted[account] += side === 'debit' ? amountMinor : -amountMinor
        }
      })
      const { balances } = fold(terms, events, asOf)
      for (const account of BOOK_ACCOUNTS) expect(posted[account]).toBe(balances[account])
    })
  })

  test('principal of the instalments and what was paid off besides are what was disbursed', () => {
    forEvery(anyLife, (life) => {
      const { instalments, prepaidMinor, disbursedMinor } = stateOf(life)
      expect(total(instalments.map(({ due }) => due.principal)) + prepaidMinor).toBe(disbursedMinor)
    })
  })

  test('what the instalments still ask for is what is owed and the interest to come', () => {
    forEvery(anyLife, (life) => {
      const { instalments, outstandingMinor, interestToComeMinor, status } = stateOf(life)
      if (status === 'WRITTEN_OFF') return
      expect(total(instalments.map(({ openMinor }) => openMinor))).toBe(outstandingMinor + interestToComeMinor)
    })
  })

  test('an event that is undone leaves no trace', () => {
    forEvery(anyLife, ({ terms, events, asOf }) => {
      const last = { id: 'last', sequence: 1000, on: asOf, ...repaid(terms.amountMinor / 2n + 1n) }
      const undo = { id: 'undo', sequence: 1001, on: asOf, kind: 'reversed', eventId: 'last' } as const
      expect(plain(fold(terms, [...events, last, undo], asOf))).toEqual(plain(fold(terms, events, asOf)))
    })
  })

  test('the order of arrival does not matter', () => {
    const shuffled = anyLife.chain((life) =>
      fc.record({
        life: fc.constant(life),
        events: fc.shuffledSubarray(life.events, { minLength: life.events.length }),
      }),
    )
    forEvery(shuffled, ({ life, events }) => {
      expect(plain(stateOf({ ...life, events }))).toEqual(plain(stateOf(life)))
    })
  })

  test('paying what is outstanding closes the loan, whatever is chosen for an excess', () => {
    forEvery(anyLife, ({ terms, events, asOf }) => {
      const before = events.filter(({ on }) => on <= asOf)
      const state = fold(terms, before, asOf)
      if (state.status !== 'ACTIVE') return
      for (const excess of ['next_instalment', 'reduce_term', 'reduce_instalment'] as const) {
        const payment = { id: 'last', sequence: 1000, on: asOf, ...repaid(state.outstandingMinor, excess) }
        const after = fold(terms, [...before, payment], asOf)
        expect(after).toMatchObject({ status: 'CLOSED', closedOn: asOf, outstandingMinor: 0n, dueNowMinor: 0n })
        expect(after.creditBalanceMinor).toBe(0n)
        expect(fold(terms, [...before, payment], daysLater(asOf, 90)).status).toBe('CLOSED')
      }
    })
  })

  test('a repayment is used to the last cent', () => {
    forEvery(anyLife, (life) => {
      const { allocations } = stateOf(life)
      for (const event of life.events) {
        const used = allocations.get(event.id)
        if (!used || event.kind !== 'repaid') continue
        expect(sumOf(used) + used.credit + used.recovery).toBe(event.amountMinor)
      }
    })
  })

  test('waiting never makes a debt smaller', () => {
    forEvery(anyLife, ({ terms, events, asOf }) => {
      const known = events.filter(({ on }) => on <= asOf)
      const [today, later] = [fold(terms, known, asOf), fold(terms, known, daysLater(asOf, 40))]
      expect(later.outstandingMinor).toBeGreaterThanOrEqual(today.outstandingMinor)
      expect(later.daysPastDue).toBeGreaterThanOrEqual(today.daysPastDue)
    })
  })
})
