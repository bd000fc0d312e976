import { expect, test } from '@jest/globals'
import { PLAIN_PRODUCT } from '../engine/terms.js'
import type { Application } from '../loans/domain/loan.js'
import { apply, refusalOf } from '../testing/loan.js'
import { toApplication, type Asked, type Entry, type Lending } from './domain.js'

test('an application waits for its decision with its risk as it was judged, for so many days', () => {
  expect(apply()).toMatchObject({ status: 'APPLIED', decision: 'PENDING', riskScore: 0.2875, version: 1 })
  expect(apply().expiresAt).toEqual(new Date('2026-12-21T10:00:00Z'))
})

test.each<[string, string, Partial<Application>, Partial<Entry>]>([
  ['above the largest amount', 'amount_above_limit', { amountMinor: 1_000_000_01n }, {}],
  ['above the longest term', 'term_above_limit', { termMonths: 361 }, {}],
  ['by who has the most open loans allowed', 'open_loans_limit', {}, { openLoans: 3 }],
])('an application of a borrower %s is refused, entered by staff it is not', (_name, code, asked, entered) => {
  expect(refusalOf(() => apply(asked, entered))).toBe(code)
  expect(apply(asked, { ...entered, ownApplication: false }).status).toBe('APPLIED')
})

test.each(['income', 'expenses'] as const)('without %s is lent up to 5000, above it refused by name', (field) => {
  const unstated = { [`${field}Minor`]: null }
  expect(apply({ ...unstated, amountMinor: 5_000_00n }).status).toBe('APPLIED')
  const enterAbove = () => apply({ ...unstated, amountMinor: 5_000_01n }, { ownApplication: false })
  expect(refusalOf(enterAbove)).toBe('income_required')
  expect(enterAbove).toThrow(`A loan above 5000.00 needs ${field} to be stated`)
})

const lending: Lending = {
  ...{ productId: 'van', version: 3, currency: 'USD', product: { ...PLAIN_PRODUCT, frequency: 'quarterly' } },
  ...{ minAmountMinor: 1_000_00n, maxAmountMinor: 9_000_00n, minTermMonths: 6, maxTermMonths: 60 },
  ...{ annualRate: '10', minAnnualRate: '8.5', maxAnnualRate: '18' },
}
const asked: Asked = { amountMinor: 5_000_00n, termMonths: 12, purpose: null, incomeMinor: null, expensesMinor: null }

test('a loan is made on the version of its product, at its rate unless staff name another', () => {
  const made = toApplication(asked, lending)
  expect(made).toMatchObject({ productId: 'van', productVersion: 3, product: lending.product, annualRate: '10' })
  expect(toApplication({ ...asked, annualRate: '8.5000' }, lending).annualRate).toBe('8.5000')
})

test.each<[string, Partial<Asked>, string]>([
  ['amount', { amountMinor: 999_99n }, 'amount_outside_product'],
  ['amount', { amountMinor: 9_000_01n }, 'amount_outside_product'],
  ['term', { termMonths: 3 }, 'term_outside_product'],
  ['term', { termMonths: 63 }, 'term_outside_product'],
  ['term', { termMonths: 13 }, 'term_not_in_quarters'],
  ['rate', { annualRate: '8.4999' }, 'rate_outside_product'],
  ['rate', { annualRate: '18.01' }, 'rate_outside_product'],
])('a product does not lend at an %s that it does not offer', (_what, change, code) => {
  expect(refusalOf(() => toApplication({ ...asked, ...change }, lending))).toBe(code)
})
