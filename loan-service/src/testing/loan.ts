import { enter, type ApplicationRules, type Entry } from '../applications/domain.js'
import type { Decision, DecisionRules } from '../decisions/domain.js'
import { activation, completed, creditLate, type Credit } from '../disbursements/domain.js'
import { PLAIN_PRODUCT } from '../engine/terms.js'
import { payoutMinorOf, recordFact } from '../loans/domain/fact.js'
import type { Application, Borrower, Loan } from '../loans/domain/loan.js'

export const at = new Date('2026-11-21T10:00:00Z')
export const borrower: Borrower = { customerId: 'customer', userId: 'borrower' }
export const rules: ApplicationRules & DecisionRules = {
  maxAmountMinor: 1_000_000_00n,
  maxTermMonths: 360,
  maxOpen: 3,
  unassessedMaxMinor: 5_000_00n,
  offerDays: 30,
  riskLimit: 0.75,
  dualControlAboveMinor: 50_000_00n,
  answerWithinMs: 60_000,
}

const application: Application = {
  amountMinor: 25_000_00n,
  currency: 'USD',
  termMonths: 36,
  purpose: null,
  incomeMinor: 60_000_00n,
  expensesMinor: 20_000_00n,
  productId: 'standard',
  productVersion: 1,
  product: PLAIN_PRODUCT,
  annualRate: '12',
}
const assessment = {
  riskModelVersion: '1',
  riskScore: 0.2875,
  riskReasons: [],
  maxAmountMinor: null,
  minTermMonths: null,
}
const entry: Entry = {
  loanId: 'loan',
  customerId: 'customer',
  enteredBy: 'borrower',
  ownApplication: true,
  openLoans: 0,
  at,
}

/** An application as a test needs it, that nobody has decided. */
export const apply = (asked: Partial<Application> = {}, entered: Partial<Entry> = {}): Loan =>
  enter({ ...application, ...asked }, assessment, { ...entry, ...entered }, rules)

export const decision: Decision = {
  action: 'approve',
  decider: { userId: 'admin', isAdmin: true },
  borrower,
  reason: null,
  at,
}

export const received: Credit = {
  entryId: 'entry',
  userId: 'borrower',
  amountMinor: 25_000_00n,
  currency: 'USD',
  creditedAt: at,
  by: 'service:wallet-service',
  at,
}

/** The loan as a credit leaves it. */
export const credited = (loan: Loan, credit: Credit = received): Loan => {
  const [on, changes] = ['2026-11-21', completed(loan, credit, payoutMinorOf(loan, '2026-11-21'))]
  if (loan.status === 'WITHDRAWN') return creditLate(loan, credit, changes)
  return recordFact(loan, [], activation(loan, credit, on), { today: on, changes }).loan
}

/** The code with which something is refused. */
export const refusalOf = (act: () => unknown): string | undefined => {
  try {
    act()
  } catch (error) {
    return (error as { code?: string }).code
  }
  return undefined
}
