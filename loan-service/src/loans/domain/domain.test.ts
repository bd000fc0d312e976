import { describe, expect, test } from '@jest/globals'
import { LOAN_STATUSES, type LoanStatus } from '@countinghouse/shared/contracts/loan'
import { enter, type ApplicationRules, type Entry } from './application.js'
import { decide, REQUESTED, type Decision } from './decision.js'
import { credit, failDisbursement, retryDisbursement } from './disbursement.js'
import type { Application, Borrower, Disbursement, Loan } from './loan.js'

const at = new Date('2026-11-21T10:00:00Z')
const borrower: Borrower = { customerId: 'customer', userId: 'borrower' }
const application: Application = {
  amountMinor: 25_000_00n,
  currency: 'USD',
  termMonths: 36,
  purpose: null,
  incomeMinor: 60_000_00n,
  expensesMinor: 20_000_00n,
  annualRate: '12',
}
const assessment = {
  riskModelVersion: '1',
  riskScore: 0.2875,
  riskReasons: [],
  maxAmountMinor: null,
  minTermMonths: null,
}
const rules: ApplicationRules = {
  maxAmountMinor: 1_000_000_00n,
  maxTermMonths: 360,
  maxOpen: 3,
  unassessedMaxMinor: 5_000_00n,
}
const entry: Entry = {
  loanId: 'loan',
  customerId: 'customer',
  enteredBy: 'borrower',
  ownApplication: true,
  openLoans: 0,
  at,
}
const apply = (asked: Partial<Application> = {}, entered: Partial<Entry> = {}) =>
  enter({ ...application, ...asked }, assessment, { ...entry, ...entered }, rules)

const admin = { userId: 'admin', isAdmin: true }
const decision: Decision = { action: 'approve', decider: admin, borrower, reason: null, riskLimit: 0.75, at }
const failed: Disbursement = { ...REQUESTED, status: 'FAILED', code: 'wallet_frozen', reason: 'The wallet is frozen' }
const received = {
  entryId: 'entry',
  amountMinor: 25_000_00n,
  currency: 'USD',
  creditedAt: at,
  by: 'service:wallet-service',
  at,
}

const refusal = (code: string) => expect.objectContaining({ code }) as unknown as Error
const expectRefused = (code: string, act: () => unknown): void => {
  let thrown: unknown
  try {
    act()
  } catch (error) {
    thrown = error
  }
  expect(thrown).toEqual(refusal(code))
}

describe('the life of a loan', () => {
  const steps: Record<string, (loan: Loan) => Loan> = {
    approve: (loan) => decide(loan, decision),
    reject: (loan) => decide(loan, { ...decision, action: 'reject' }),
    credit: (loan) => credit(loan, received),
    'disbursement failed': (loan) => failDisbursement(loan, { code: 'wallet_frozen', reason: 'frozen', by: 'x', at }),
    'disbursement retry': (loan) => retryDisbursement(loan, { borrower, by: 'user:admin', riskLimit: 0.75, at }),
  }
  const leadsTo: Partial<Record<LoanStatus, Record<string, LoanStatus>>> = {
    APPLIED: { approve: 'APPROVED', reject: 'REJECTED' },
    APPROVED: { credit: 'ACTIVE', 'disbursement failed': 'APPROVED', 'disbursement retry': 'APPROVED' },
  }
  const cases = LOAN_STATUSES.flatMap((from) =>
    Object.keys(steps).map((step) => [from, step, leadsTo[from]?.[step] ?? 'nowhere'] as const),
  )
  test.each(cases)('%s: %s leads to %s', (from, step, to) => {
    const loan: Loan = Object.freeze({ ...apply(), status: from, disbursement: failed })
    const take = () => steps[step]?.(loan)
    if (to === 'nowhere') return expectRefused('illegal_transition', take)
    const taken = take()
    expect(taken).toMatchObject({ status: to, version: 2, updatedAt: at })
    expect(taken?.history.at(-1)).toMatchObject({ status: to, at })
    expect(taken?.history).toHaveLength(2)
  })
})

describe('an application', () => {
  test('waits for its decision with its risk as it was judged', () => {
    expect(apply()).toMatchObject({ status: 'APPLIED', decision: 'PENDING', riskScore: 0.2875, version: 1 })
  })

  test.each<[string, string, Partial<Application>, Partial<Entry>]>([
    ['above the largest amount', 'amount_above_limit', { amountMinor: 1_000_000_01n }, {}],
    ['above the longest term', 'term_above_limit', { termMonths: 361 }, {}],
    ['by who has the most open loans allowed', 'open_loans_limit', {}, { openLoans: 3 }],
  ])('of a borrower %s is refused, entered by staff it is not', (_name, code, asked, entered) => {
    expectRefused(code, () => apply(asked, entered))
    expect(apply(asked, { ...entered, ownApplication: false }).status).toBe('APPLIED')
  })

  test.each(['income', 'expenses'] as const)('without %s is taken up to 5000, above it refused by name', (field) => {
    const unstated = { [`${field}Minor`]: null }
    expect(apply({ ...unstated, amountMinor: 5_000_00n }).status).toBe('APPLIED')
    const enterAbove = () => apply({ ...unstated, amountMinor: 5_000_01n }, { ownApplication: false })
    expectRefused('income_required', enterAbove)
    expect(enterAbove).toThrow(`A loan above 5000.00 needs ${field} to be stated`)
  })
})

describe('a decision', () => {
  const scored = (riskScore: number): Loan => ({ ...apply(), riskScore })

  test('never approves a risk of 0.75 or more, and says the score and the limit', () => {
    expect(decide(scored(0.7499), decision).status).toBe('APPROVED')
    for (const riskScore of [0.75, 0.81, 1]) expectRefused('risk_too_high', () => decide(scored(riskScore), decision))
    expect(() => decide(scored(0.81), decision)).toThrow('Loan too risky to approve (risk score 0.81, limit 0.75)')
    expect(decide(scored(0.81), { ...decision, action: 'reject' }).status).toBe('REJECTED')
  })

  test('is bound by a stricter limit, and no laxer one loosens it', () => {
    expectRefused('risk_too_high', () => decide(scored(0.6), { ...decision, riskLimit: 0.6 }))
    expectRefused('risk_too_high', () => decide(scored(0.75), { ...decision, riskLimit: 0.9 }))
  })

  test('is never the borrower’s own, whatever their role', () => {
    const asBorrower = { ...decision, borrower: { ...borrower, userId: 'admin' } }
    expectRefused('own_loan', () => decide(apply(), asBorrower))
    expectRefused('own_loan', () => decide(apply(), { ...asBorrower, action: 'reject' }))
  })

  test('on a borrower’s own application is an admin’s, on what staff entered also staff’s', () => {
    const byStaff = { ...decision, decider: { userId: 'staff', isAdmin: false } }
    expectRefused('admin_decides', () => decide(apply(), byStaff))
    expect(decide(apply({}, { ownApplication: false }), byStaff)).toMatchObject({
      status: 'APPROVED',
      decidedBy: 'staff',
    })
  })

  test('for a customer without a user approves, and the payment waits for one', () => {
    const approved = decide(apply(), { ...decision, borrower: { ...borrower, userId: null } })
    expect(approved.disbursement).toMatchObject({ status: 'PENDING', code: 'customer_not_linked' })
  })
})

describe('a disbursement', () => {
  const approved = decide(apply(), decision)

  test('makes the loan active once; the same credit again changes nothing, another one is refused', () => {
    const active = credit(approved, received)
    expect(active).toMatchObject({ status: 'ACTIVE', disbursement: { status: 'COMPLETED', entryId: 'entry' } })
    expect(credit(active, received)).toBe(active)
    expectRefused('illegal_transition', () => credit(active, { ...received, entryId: 'other' }))
  })

  test('of another amount or currency is not this loan’s', () => {
    expectRefused('disbursement_mismatch', () => credit(approved, { ...received, amountMinor: 1n }))
    expectRefused('disbursement_mismatch', () => credit(approved, { ...received, currency: 'EUR' }))
  })

  test('is tried again only when it failed, to a user, and within the risk limit', () => {
    const retry = { borrower, by: 'user:admin', riskLimit: 0.75, at }
    expectRefused('disbursement_not_failed', () => retryDisbursement(approved, retry))
    const broken = failDisbursement(approved, {
      code: 'wallet_frozen',
      reason: 'frozen',
      by: 'service:wallet-service',
      at,
    })
    expect(retryDisbursement(broken, retry).disbursement).toEqual(REQUESTED)
    expectRefused('customer_not_linked', () =>
      retryDisbursement(broken, { ...retry, borrower: { ...borrower, userId: null } }),
    )
    expectRefused('risk_too_high', () => retryDisbursement({ ...broken, riskScore: 0.75 }, retry))
  })

  test('that comes through after a failure still makes the loan active', () => {
    expect(credit({ ...approved, disbursement: failed }, received).status).toBe('ACTIVE')
  })
})
