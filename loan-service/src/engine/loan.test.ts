import { describe, expect, test } from '@jest/globals'
import { fold } from './fold.js'
import { journalOf } from './journal.js'
import { payoffQuote } from './payoff.js'
import { previewOf } from './preview.js'
import { scheduleOf } from './schedule.js'
import { sumOf } from './running.js'
import type { Happening } from './events.js'
import type { Terms } from './terms.js'
import { lifeOf, repaid, START, termsOf } from './testing/loans.js'

// 1200.00 at 12 % over 12 months from 31 January: 106.62 a month, of which 12.00 is interest in February.
const INSTALMENT = 106_62n
type Dated = [on: string, happening: Happening]

const lived = (changes: Partial<Terms> = {}, ...later: Dated[]) => {
  const terms = termsOf(changes)
  const events = lifeOf(terms, ...later)
  return { terms, events, on: (asOf: string) => fold(terms, events, asOf) }
}
const rowOf = (state: ReturnType<typeof fold>, number: number) => state.instalments[number - 1]

describe('a loan that is paid as agreed', () => {
  test('owes its principal on the first day, and a day of interest the day after', () => {
    const { on } = lived()
    expect(on(START)).toMatchObject({ status: 'ACTIVE', outstandingMinor: 1_200_00n, dueNowMinor: 0n })
    // 1/28 of February's 12.00, as February's instalment falls due on the 28th.
    expect(on('2026-02-01').owed).toEqual({ penalties: 0n, fees: 0n, interest: 43n, principal: 1_200_00n })
  })

  test('asks for its first instalment on the due day, and is late only on the day after', () => {
    const { on } = lived()
    expect(on('2026-02-27')).toMatchObject({
      dueNowMinor: 0n,
      nextDue: { date: '2026-02-28', amountMinor: INSTALMENT },
    })
    expect(on('2026-02-28')).toMatchObject({ dueNowMinor: INSTALMENT, daysPastDue: 0, bucket: 'CURRENT' })
    expect(rowOf(on('2026-02-28'), 1)?.status).toBe('DUE')
    expect(on('2026-03-01')).toMatchObject({ daysPastDue: 1, bucket: '1-30', oldestOverdueDate: '2026-02-28' })
    expect(rowOf(on('2026-03-01'), 1)?.status).toBe('LATE')
  })

  test('uses an instalment for the interest of the month first', () => {
    const state = lived({}, ['2026-02-28', repaid(INSTALMENT)]).on('2026-02-28')
    expect(state.allocations.get('e2')).toMatchObject({ interest: 12_00n, principal: 94_62n })
    expect(state).toMatchObject({ dueNowMinor: 0n, outstandingMinor: 1_105_38n })
    expect(rowOf(state, 1)?.status).toBe('PAID')
  })
})

describe('money before it is due', () => {
  test('for the next instalments lowers the interest, and leaves nothing due on their days', () => {
    const { on } = lived({}, ['2026-02-10', repaid(3n * INSTALMENT)])
    expect(on('2026-02-10').allocations.get('e2')).toMatchObject({ interest: 4_29n, principal: 315_57n })
    expect(on('2026-02-10').instalmentMinor).toBe(INSTALMENT)
    for (const day of ['2026-02-28', '2026-03-31', '2026-04-30', '2026-05-01']) {
      expect(on(day)).toMatchObject({ dueNowMinor: 0n, daysPastDue: 0 })
    }
    expect(on('2026-05-31').dueNowMinor).toBeGreaterThan(0n)
    expect(on('2026-02-10').instalments).toHaveLength(12)
  })

  test('can shorten the term at the same instalment', () => {
    const state = lived({}, ['2026-02-28', repaid(INSTALMENT + 300_00n, 'reduce_term')]).on('2026-02-28')
    expect(state.instalmentMinor).toBe(INSTALMENT)
    expect(state.instalments).toHaveLength(9)
    expect(state.prepaidMinor).toBe(300_00n)
    expect(state.instalments.slice(1, 8).map(({ totalMinor }) => totalMinor)).toEqual(new Array(7).fill(INSTALMENT))
    expect(state.instalments.at(-1)).toMatchObject({ balanceMinor: 0n })
  })

  test('can lower the instalment over the same term', () => {
    const state = lived({}, ['2026-02-28', repaid(INSTALMENT + 300_00n, 'reduce_instalment')]).on('2026-02-28')
    expect(state.instalments).toHaveLength(12)
    // 805.38 over eleven months.
    expect(state.instalmentMinor).toBe(77_68n)
  })

  test('between two due days pays the interest of the days first, and the rest is solved to the day', () => {
    const state = lived({}, ['2026-02-14', repaid(606_00n, 'reduce_instalment')]).on('2026-02-14')
    expect(state.allocations.get('e2')).toMatchObject({ interest: 6_00n, principal: 600_00n })
    // Half of February on 600.00 is 3.00, so that February asks for it and for what is left of the equal instalment.
    expect(rowOf(state, 1)?.openMinor).toBe(state.instalmentMinor)
    expect(rowOf(state, 2)?.totalMinor).toBe(state.instalmentMinor)
    expect(state.instalmentMinor).toBe(53_05n)
  })

  test('after the term was shortened, a lower instalment keeps the shorter term', () => {
    const state = lived(
      {},
      ['2026-02-28', repaid(INSTALMENT + 300_00n, 'reduce_term')],
      ['2026-03-31', repaid(INSTALMENT + 100_00n, 'reduce_instalment')],
    ).on('2026-03-31')
    expect(state.instalments).toHaveLength(9)
    expect(state.instalmentMinor).toBeLessThan(INSTALMENT)
  })

  test('a preview shows the interest that each choice saves, and changes nothing', () => {
    const { terms, events } = lived()
    const saved = (excess: 'next_instalment' | 'reduce_term' | 'reduce_instalment') => {
      const event = { id: 'new', sequence: 9, on: '2026-02-28', ...repaid(INSTALMENT + 300_00n, excess) }
      return previewOf(terms, events, event, '2026-02-28').interestSavedMinor
    }
    expect(saved('reduce_term')).toBeGreaterThan(saved('reduce_instalment'))
    expect(saved('reduce_instalment')).toBeGreaterThan(saved('next_instalment'))
    expect(saved('next_instalment')).toBeGreaterThan(0n)
    expect(events).toHaveLength(1)
  })
})

describe('the order of allocation', () => {
  test('is data of the product: principal can come before interest', () => {
    const allocation = ['principal', 'interest', 'fees', 'penalties'] as const
    const state = lived({ allocation }, ['2026-02-28', repaid(100_00n)]).on('2026-02-28')
    expect(state.allocations.get('e2')).toMatchObject({ principal: 94_62n, interest: 5_38n })
  })

  test('takes the oldest instalment first', () => {
    const state = lived({}, ['2026-03-31', repaid(INSTALMENT)]).on('2026-03-31')
    expect(state.instalments.slice(0, 2).map(({ status }) => status)).toEqual(['PAID', 'DUE'])
  })
})

describe('a loan that is paid late', () => {
  const lateFee = { charge: { flatMinor: 15_00n }, graceDays: 5, totalMaxMinor: 20_00n }

  test('goes on costing interest on what is still owed', () => {
    const { on } = lived()
    expect(rowOf(on('2026-03-31'), 2)?.due.interest).toBe(12_00n)
  })

  test('is charged once for each late instalment, after the days of grace and up to a total', () => {
    const { on } = lived({ lateFee })
    expect(on('2026-03-05').owed.fees).toBe(0n)
    expect(on('2026-03-06').owed.fees).toBe(15_00n)
    expect(on('2026-04-01').owed.fees).toBe(15_00n)
    expect(on('2026-04-06').owed.fees).toBe(20_00n)
  })

  test('can be charged in percent of what is overdue, up to a maximum', () => {
    const charge = { percent: '10', maxMinor: 5_00n }
    const { on } = lived({ lateFee: { ...lateFee, charge } }, ['2026-02-28', repaid(INSTALMENT - 20_00n)])
    expect(on('2026-03-06').owed.fees).toBe(2_00n)
    expect(on('2026-04-06').owed.fees).toBe(7_00n)
  })

  test('pays a penalty for each day after the grace on what is overdue, up to a total', () => {
    const { on } = lived({ penalty: { dailyPercent: '0.1', graceDays: 3, totalMaxMinor: 1_00n } })
    expect(on('2026-03-03').owed.penalties).toBe(0n)
    expect(on('2026-03-04').owed.penalties).toBe(11n)
    expect(on('2026-03-05').owed.penalties).toBe(21n)
    expect(on('2026-06-30').owed.penalties).toBe(1_00n)
  })

  test('has its late fee and penalty withdrawn when a payment of an earlier day becomes known', () => {
    const changes = { lateFee, penalty: { dailyPercent: '0.1', graceDays: 0, totalMaxMinor: null } }
    const before = lived(changes).on('2026-03-20')
    const after = lived(changes, ['2026-02-28', repaid(INSTALMENT)]).on('2026-03-20')
    expect([before.owed.fees, before.owed.penalties > 0n]).toEqual([15_00n, true])
    expect([after.owed.fees, after.owed.penalties, after.daysPastDue]).toEqual([0n, 0n, 0])
    expect(after.balances.fee_income).toBe(0n)
  })

  test.each([
    ['2026-03-30', 30, '1-30'],
    ['2026-03-31', 31, '31-60'],
    ['2026-04-30', 61, '61-90'],
    ['2026-05-30', 91, '90+'],
  ])('as of %s is %d days past due', (day, daysPastDue, bucket) => {
    expect(lived().on(day)).toMatchObject({ daysPastDue, bucket })
  })

  test('is past due since the oldest instalment that is short, and current once that is paid', () => {
    const { on } = lived({}, ['2026-04-10', repaid(INSTALMENT)])
    expect(on('2026-04-10').oldestOverdueDate).toBe('2026-03-31')
    expect(on('2026-04-09').oldestOverdueDate).toBe('2026-02-28')
  })
})

describe('interest of a loan that is late for more than 90 days', () => {
  test('waits in suspense until it is paid, and is income then', () => {
    const { on } = lived()
    expect(on('2026-05-30').balances).toMatchObject({ interest_suspense: 0n, interest_income: -47_61n })
    const suspended = on('2026-06-30').balances.interest_suspense
    expect(on('2026-06-30').balances.interest_income).toBe(-47_61n)
    expect(suspended).toBe(-(60_00n - 47_61n))
    const paid = lived({}, ['2026-06-30', repaid(5n * INSTALMENT)]).on('2026-06-30')
    expect(paid.balances).toMatchObject({ interest_suspense: 0n, interest_income: -60_00n })
  })

  test('is no loss when it is waived or written off, as it never was income', () => {
    const waived = lived({}, ['2026-06-30', { kind: 'waived', part: 'interest', amountMinor: 60_00n }]).on('2026-06-30')
    expect(waived.balances).toMatchObject({ waivers: 47_61n, interest_suspense: 0n })
    const lost = lived({}, ['2026-06-30', { kind: 'written_off' }]).on('2026-06-30')
    expect(lost.balances).toMatchObject({ loan_write_offs: 1_247_61n, interest_suspense: 0n })
  })
})

describe('a payoff', () => {
  test('quotes ten days, each of which closes the loan when it is paid', () => {
    const { terms, events } = lived({}, ['2026-02-28', repaid(INSTALMENT)])
    const quote = payoffQuote(terms, events, '2026-03-10')
    expect(quote).toMatchObject({ on: '2026-03-10', validUntil: '2026-03-19', perDiemMinor: 35n })
    expect(sumOf(quote.parts)).toBe(quote.totalMinor)
    expect(quote.days).toHaveLength(10)
    for (const { on, totalMinor } of quote.days) {
      const paid = [...events, { id: 'last', sequence: 9, on, ...repaid(totalMinor) }]
      expect(fold(terms, paid, '2027-06-01')).toMatchObject({ status: 'CLOSED', closedOn: on, outstandingMinor: 0n })
    }
  })

  test('of a flat loan asks for the interest of the days so far alone', () => {
    const { on } = lived({ method: 'flat' })
    expect(on('2026-03-31').owed.interest).toBe(24_00n)
  })
})

describe('what is reversed', () => {
  test('a repayment that bounced reopens the loan as if it had never come', () => {
    const payoff = lived().on('2026-02-20').outstandingMinor
    const { on } = lived({}, ['2026-02-20', repaid(payoff)], ['2026-03-10', { kind: 'reversed', eventId: 'e2' }])
    expect(lived({}, ['2026-02-20', repaid(payoff)]).on('2026-03-10').status).toBe('CLOSED')
    expect(on('2026-03-10')).toMatchObject({ status: 'ACTIVE', closedOn: null, daysPastDue: 10 })
  })

  test('a reversal that is reversed counts for nothing', () => {
    const { on } = lived(
      {},
      ['2026-02-28', repaid(INSTALMENT)],
      ['2026-03-01', { kind: 'reversed', eventId: 'e2' }],
      ['2026-03-02', { kind: 'reversed', eventId: 'e3' }],
    )
    expect(on('2026-03-10').dueNowMinor).toBe(0n)
  })

  test('what a replay shows to be overpaid is the credit of the borrower, and is refunded', () => {
    const charged: Dated = ['2026-02-10', { kind: 'charged', part: 'fees', amountMinor: 30_00n }]
    const payoff = lived({}, charged).on('2026-02-20').outstandingMinor
    const life: Dated[] = [charged, ['2026-02-20', repaid(payoff)], ['2026-02-21', { kind: 'reversed', eventId: 'e2' }]]
    expect(lived({}, ...life).on('2026-02-21')).toMatchObject({ status: 'CLOSED', creditBalanceMinor: 30_00n })
    const refunded = lived({}, ...life, ['2026-02-22', { kind: 'credit_refunded', amountMinor: 30_00n }]).on(
      '2026-02-22',
    )
    expect(refunded).toMatchObject({ status: 'CLOSED', creditBalanceMinor: 0n })
    expect(refunded.balances.customer_credit_balances).toBe(0n)
  })
})

describe('a loan that is given up', () => {
  const life: Dated[] = [
    ['2026-02-28', repaid(INSTALMENT)],
    ['2026-06-30', { kind: 'written_off' }],
    ['2026-07-15', { kind: 'recovered', amountMinor: 100_00n }],
  ]

  test('owes nothing any more and stops accruing; what was lost is kept by part', () => {
    const { on } = lived({}, ...life)
    const state = on('2026-12-31')
    expect(state).toMatchObject({
      status: 'WRITTEN_OFF',
      writtenOffOn: '2026-06-30',
      outstandingMinor: 0n,
      daysPastDue: 0,
    })
    expect(state.writtenOff?.principal).toBe(1_105_38n)
    expect(state.writtenOff && sumOf(state.writtenOff)).toBe(state.balances.loan_write_offs)
  })

  test('a recovery is income and does not bring the principal back', () => {
    const state = lived({}, ...life).on('2026-07-15')
    expect(state).toMatchObject({ recoveredMinor: 100_00n, status: 'WRITTEN_OFF' })
    expect(state.balances).toMatchObject({ recovery_income: -100_00n, loans_receivable: 0n })
  })

  test('is owed again, with its interest since, when the write-off is undone', () => {
    const undone: Dated = ['2026-07-01', { kind: 'write_off_undone', eventId: 'e3' }]
    const state = lived({}, ...life.slice(0, 2), undone).on('2026-07-01')
    expect(state).toMatchObject({ status: 'ACTIVE', writtenOff: null })
    expect(state).toEqual({ ...lived({}, ...life.slice(0, 1)).on('2026-07-01'), allocations: state.allocations })
  })
})

describe('a loan whose terms change', () => {
  test('lays what is open over the new instalments; the old ones keep what was paid', () => {
    const terms = { firstDueDate: '2026-05-15', instalments: 6, annualRate: '6' }
    const { on } = lived({}, ['2026-02-28', repaid(INSTALMENT)], ['2026-04-15', { kind: 'rescheduled', terms }])
    expect(on('2026-04-14').daysPastDue).toBe(14)
    const state = on('2026-04-15')
    expect(state).toMatchObject({ daysPastDue: 0, dueNowMinor: 0n, restructuredOn: '2026-04-15' })
    expect(state.instalments.map(({ status }) => status)).toEqual([
      'PAID',
      ...new Array(2).fill('RESCHEDULED'),
      ...new Array(6).fill('UPCOMING'),
    ])
    expect(state.instalments.at(-1)).toMatchObject({ dueDate: '2026-10-15', balanceMinor: 0n })
    expect(state.owed.principal).toBe(1_105_38n)
  })

  // Apache Fineract's EMICalculation feature, second disbursement in the first period.
  test('solves the instalments anew when more is paid out', () => {
    const terms = termsOf({ amountMinor: 300_00n, annualRate: '9.4822', instalments: 6 })
    const paidOut = (sequence: number, on: string, amountMinor: bigint) =>
      ({ id: `e${sequence}`, sequence, on, kind: 'disbursed', amountMinor }) as const
    const events = [paidOut(1, '2024-01-01', 100_00n), paidOut(2, '2024-01-08', 200_00n)]
    const { instalments } = fold(terms, events, '2024-01-08')
    expect(instalments.map(({ due }) => [due.principal, due.interest])).toEqual([
      [49_32n, 2_01n],
      [49_35n, 1_98n],
      [49_74n, 1_59n],
      [50_13n, 1_20n],
      [50_53n, 80n],
      [50_93n, 40n],
    ])
  })

  test('a tranche on a due day belongs to the next period', () => {
    const { on } = lived({}, ['2026-02-28', { kind: 'disbursed', amountMinor: 1_000_00n }])
    expect(rowOf(on('2026-02-28'), 1)?.due).toMatchObject({ interest: 12_00n, principal: 94_62n })
    expect(rowOf(on('2026-02-28'), 2)?.due.interest).toBe(21_05n)
  })
})

describe('charges', () => {
  test('an origination fee is kept back from the disbursement, or owed with the first instalment', () => {
    const charge = { percent: '2', maxMinor: null }
    const deducted = lived({ originationFee: { charge, taken: 'deducted' } }).on(START)
    expect(deducted.balances).toMatchObject({ wallet: -1_176_00n, loans_receivable: 1_200_00n, fee_income: -24_00n })
    const added = lived({ originationFee: { charge, taken: 'added' } }).on(START)
    expect(added).toMatchObject({ outstandingMinor: 1_224_00n, nextDue: { amountMinor: INSTALMENT + 24_00n } })
  })

  test('what is waived is owed no more, and is an expense', () => {
    const { on } = lived(
      {},
      ['2026-02-10', { kind: 'charged', part: 'fees', amountMinor: 30_00n }],
      ['2026-03-01', { kind: 'waived', part: 'fees', amountMinor: 10_00n }],
      ['2026-03-01', { kind: 'waived', part: 'interest', amountMinor: 5_00n }],
    )
    expect(on('2026-03-01').owed).toMatchObject({ fees: 20_00n, interest: 12_00n + 39n - 5_00n })
    expect(on('2026-03-01').balances.waivers).toBe(15_00n)
  })
})

describe('the schedule while a loan lives', () => {
  test.each([
    ['of a moratorium that accrues', { principalPeriods: 0, moratoriumPeriods: 3, moratoriumInterest: 'accrue' }],
    ['of a moratorium that is free', { principalPeriods: 0, moratoriumPeriods: 3, moratoriumInterest: 'waive' }],
    ['of grace on the principal', { principalPeriods: 3, moratoriumPeriods: 0, moratoriumInterest: 'accrue' }],
  ] as const)('%s is the schedule that was agreed', (_, grace) => {
    const { terms, on } = lived({ grace })
    const agreed = scheduleOf(terms, START).map(({ totalMinor }) => totalMinor)
    expect(on(START).instalments.map(({ totalMinor }) => totalMinor)).toEqual(agreed)
  })

  test('interest is booked by the day, and the days of a month add up to its interest', () => {
    const { on } = lived()
    const ofDays = Array.from({ length: 28 }, (_, index) => {
      const [from, to] = [
        on(`2026-02-${String(index || 1).padStart(2, '0')}`),
        on(`2026-02-${String(index + 1).padStart(2, '0')}`),
      ]
      return index === 0 ? to.owed.interest : to.owed.interest - from.owed.interest
    })
    expect(ofDays.reduce((sum, day) => sum + day, 0n)).toBe(12_00n)
    expect(ofDays.every((day) => day === 42n || day === 43n)).toBe(true)
  })

  test('the journal tells the life of the loan, interest up to each event before it', () => {
    const { terms, events } = lived({}, ['2026-02-28', repaid(INSTALMENT)])
    const journal = journalOf(terms, events, '2026-03-01')
    expect(journal.map(({ on, kind, outstandingMinor }) => [on, kind, outstandingMinor])).toEqual([
      [START, 'disbursed', 1_200_00n],
      ['2026-02-28', 'accrual', 1_212_00n],
      ['2026-02-28', 'repaid', 1_105_38n],
      ['2026-03-01', 'accrual', 1_105_74n],
    ])
  })
})
