import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { loanApproved, loanRejected } from '@countinghouse/shared/contracts/loan'
import { inTransaction, native, readsOn } from '@countinghouse/shared/mongo/transaction'
import { announced } from '@countinghouse/shared/testing/events'
import { atOnce, modest, openLoanHouse, reckless, tally, type LoanHouse } from '../testing/house.js'
import type { Loan } from '../loans/domain/loan.js'
import { loans } from '../loans/store/collection.js'
import { saveLoan } from '../loans/store/loan.js'

let house: LoanHouse
beforeAll(async () => {
  house = await openLoanHouse()
})
afterAll(() => house.close())

type Action = 'approve' | 'reject'
const STATUS = { approve: 'APPROVED', reject: 'REJECTED' } as const
const decide = (loanId: string, action: Action, by: { role: 'admin' | 'staff'; userId?: string }) =>
  house.call('patch', `/loans/${loanId}`, { ...by, body: { status: STATUS[action], reason: 'because' } })
const decideAsAdmin = (loanId: string, action: Action, userId = 'admin', key?: string) =>
  house.call('post', '/loans/admin/approve', {
    role: 'admin',
    userId,
    body: { loan_id: loanId, action, reason: 'because' },
    ...(key !== undefined && { key }),
  })
const bothRoutes = [
  ['PATCH', (loanId: string, action: Action) => decide(loanId, action, { role: 'admin', userId: 'admin' })],
  ['/admin/approve', (loanId: string, action: Action) => decideAsAdmin(loanId, action)],
] as const

const stored = (loanId: string) => readsOn(house.db).findOne(loans, { _id: loanId })
const events = async (loanId: string) =>
  [...(await announced(house.db, loanApproved)), ...(await announced(house.db, loanRejected))].filter(
    ({ subject }) => subject === loanId,
  )

let borrowers = 0
const freshLoan = async (body?: object): Promise<{ id: string; userId: string }> => {
  const userId = `borrower-${(++borrowers).toString()}`
  return { id: (await house.apply(userId, body)).body.id, userId }
}

test.each(bothRoutes)('%s: an approval is stored and asks for the principal to be paid out', async (_route, send) => {
  const { id, userId } = await freshLoan()
  const { status, body } = await send(id, 'approve')
  expect(status).toBe(200)
  const decided = { status: 'APPROVED', decision: 'APPROVED', version: 2 }
  expect(body).toMatchObject({
    ...decided,
    decided_by: 'admin',
    decision_reason: 'because',
    disbursement: { status: 'PENDING' },
  })
  expect(await stored(id)).toMatchObject({ ...decided, decidedBy: 'admin' })
  expect(await events(id)).toMatchObject([
    {
      type: loanApproved.type,
      actor: 'user:admin',
      data: { loan_id: id, user_id: userId, amount_minor: '2500000', approved_at: body.decided_at },
    },
  ])
})

test.each(bothRoutes)('%s: a rejection is stored and announced with its reason', async (_route, send) => {
  const { id } = await freshLoan()
  expect((await send(id, 'reject')).body).toMatchObject({
    status: 'REJECTED',
    decision: 'REJECTED',
    disbursement: null,
  })
  expect(await events(id)).toMatchObject([{ type: loanRejected.type, data: { loan_id: id, reason: 'because' } }])
})

test.each(bothRoutes)('%s: a loan that is too risky is not approved, and can be rejected', async (_route, send) => {
  const { id } = await freshLoan(reckless)
  const { status, body } = await send(id, 'approve')
  expect([status, body.code]).toEqual([422, 'risk_too_high'])
  expect(body.message).toBe(`Loan too risky to approve (risk score ${body.risk_score}, limit 0.75)`)
  expect(await stored(id)).toMatchObject({ status: 'APPLIED', version: 1 })
  expect(await events(id)).toEqual([])
  expect((await send(id, 'reject')).status).toBe(200)
})

test('the database itself refuses a loan that is too risky, whatever code writes it', async () => {
  const { id } = await freshLoan(reckless)
  for (const status of ['APPROVED', 'ACTIVE'] as const)
    await expect(native(house.db, loans).updateOne({ _id: id }, { $set: { status } })).rejects.toMatchObject({
      code: 121,
    })
  const fine = await freshLoan()
  await house.approve(fine.id)
  await expect(
    native(house.db, loans).updateOne({ _id: fine.id }, { $set: { riskScore: 0.75 } }),
  ).rejects.toMatchObject({ code: 121 })
})

test.each(bothRoutes)('%s: a second decision is refused and changes nothing', async (_route, send) => {
  const { id } = await freshLoan()
  await send(id, 'approve')
  const before = await stored(id)
  for (const action of ['approve', 'reject'] as const) {
    const { status, body } = await send(id, action)
    expect([status, body.code, body.loan_status]).toEqual([409, 'illegal_transition', 'APPROVED'])
  }
  expect(await stored(id)).toEqual(before)
  expect(await events(id)).toHaveLength(1)
})

test('an admin does not decide where they are the borrower', async () => {
  const customer = await house.addCustomer({ email: 'admin@example.com', user_id: 'admin' })
  const loan = (await house.enter(customer.body.id)).body
  for (const [, send] of bothRoutes)
    for (const action of ['approve', 'reject'] as const) {
      const { status, body } = await send(loan.id, action)
      expect([status, body.code]).toEqual([403, 'own_loan'])
    }
  expect(await stored(loan.id)).toMatchObject({ status: 'APPLIED', version: 1 })
})

test('staff decide what staff entered, and leave own applications of borrowers to admins', async () => {
  const { id } = await freshLoan()
  const refused = await decide(id, 'approve', { role: 'staff' })
  expect([refused.status, refused.body.code]).toEqual([403, 'admin_decides'])
  const customer = await house.addCustomer({ email: 'entered@example.com', user_id: 'entered' })
  const entered = (await house.enter(customer.body.id)).body
  expect((await decide(entered.id, 'approve', { role: 'staff', userId: 'other-staff' })).status).toBe(200)
  expect(await events(entered.id)).toMatchObject([{ data: { user_id: 'entered' } }])
})

test('for a customer without a user the loan is approved and its payment waits', async () => {
  const customer = await house.addCustomer({ email: 'walk-in@example.com' })
  const loan = (await house.enter(customer.body.id)).body
  const { body } = await house.approve(loan.id)
  expect(body).toMatchObject({ status: 'APPROVED', disbursement: { status: 'PENDING', code: 'customer_not_linked' } })
  expect(await events(loan.id)).toMatchObject([{ data: { user_id: null } }])
})

test('of two admins who decide at the same moment one wins, twenty times over', async () => {
  for (let round = 0; round < 20; round++) {
    const { id } = await freshLoan()
    const answers = await Promise.all([house.approve(id, 'one'), decideAsAdmin(id, 'approve', 'other')])
    expect(tally(answers)).toEqual({ 200: 1, 409: 1 })
    const winner = answers.find(({ status }) => status === 200)
    expect(await stored(id)).toMatchObject({ status: 'APPROVED', version: 2, decidedBy: winner?.body.decided_by })
    expect(await events(id)).toHaveLength(1)
  }
})

test('one decision repeated at once under its key is made once and answered alike', async () => {
  const { id } = await freshLoan()
  const answers = await atOnce(10, () => decideAsAdmin(id, 'approve', 'admin', 'decision'))
  expect(new Set(answers.map(({ status, text }) => `${status.toString()} ${text}`)).size).toBe(1)
  expect(await events(id)).toHaveLength(1)
})

test('a change decided on an old version is not saved over a newer one', async () => {
  const { id } = await freshLoan()
  const before = await stored(id)
  await house.approve(id)
  const late = { ...before, purpose: 'late', version: 2 } as Loan
  await expect(inTransaction(house.db, (tx) => saveLoan(tx, late))).rejects.toMatchObject({ code: 'loan_changed' })
  expect(await stored(id)).toMatchObject({ status: 'APPROVED', version: 2, purpose: 'Van' })
})

test('a decision on a version that is no more is refused', async () => {
  const { id } = await freshLoan()
  const send = (ifMatch: number) =>
    house.call('patch', `/loans/${id}`, { role: 'admin', userId: 'admin', ifMatch, body: { status: 'APPROVED' } })
  expect((await send(7)).status).toBe(412)
  const { status, headers } = await send(1)
  expect([status, headers['etag']]).toEqual([200, '"2"'])
})

test('only a decision is a decision, and only deciders make one', async () => {
  const { id } = await freshLoan()
  for (const status of ['ACTIVE', 'PENDING', 'approved', undefined])
    expect((await house.call('patch', `/loans/${id}`, { role: 'admin', body: { status } })).status).toBe(422)
  for (const role of ['viewer', 'customer', 'vendor'] as const)
    expect((await house.call('patch', `/loans/${id}`, { role, body: { status: 'APPROVED' } })).status).toBe(403)
  const asStaff = { role: 'staff', body: { loan_id: id, action: 'approve' } } as const
  expect((await house.call('post', '/loans/admin/approve', asStaff)).status).toBe(403)
  expect((await house.approve('unknown')).body).toMatchObject({ status: 404, loan_id: 'unknown' })
})

describe('a loan above the limit of dual control', () => {
  const big = { ...modest, amount: 50_000.01, income: 900_000 }
  const enterBig = async (email: string) => {
    const customer = await house.addCustomer({ email, user_id: email })
    return (await house.enter(customer.body.id, big)).body.id as string
  }

  test('needs two people, neither of whom entered it, and asks for its payment once', async () => {
    const id = await enterBig('big@example.com')
    const byEnterer = await decide(id, 'approve', { role: 'staff', userId: 'staff-user' })
    expect([byEnterer.status, byEnterer.body.code]).toEqual([403, 'entered_by_decider'])
    const first = await decide(id, 'approve', { role: 'staff', userId: 'one' })
    expect([first.status, first.body]).toMatchObject([200, { status: 'APPLIED', approvals: { given: 1, needed: 2 } }])
    expect(await events(id)).toEqual([])
    const twice = await decideAsAdmin(id, 'approve', 'one')
    expect([twice.status, twice.body.code]).toEqual([409, 'already_approved'])
    const second = await decideAsAdmin(id, 'approve', 'two')
    expect(second.body).toMatchObject({ status: 'APPROVED', approvals: { given: 2, needed: 2 }, decided_by: 'two' })
    expect(await events(id)).toHaveLength(1)
  })

  test('of two second votes at the same moment one wins', async () => {
    const id = await enterBig('two-seconds@example.com')
    await decideAsAdmin(id, 'approve', 'one')
    const answers = await Promise.all([decideAsAdmin(id, 'approve', 'two'), decideAsAdmin(id, 'approve', 'three')])
    expect(tally(answers)).toEqual({ 200: 1, 409: 1 })
    expect(await stored(id)).toMatchObject({ status: 'APPROVED', votes: { length: 2 }, version: 3 })
    expect(await events(id)).toHaveLength(1)
  })

  test('is refused at the second vote when its risk is too high by then', async () => {
    const id = await enterBig('riskier@example.com')
    await decideAsAdmin(id, 'approve', 'one')
    await inTransaction(house.db, (tx) => tx.update(loans, { _id: id }, { $set: { riskScore: 0.75 } }))
    for (const answer of [
      await decideAsAdmin(id, 'approve', 'two'),
      await decide(id, 'approve', { role: 'staff', userId: 'two' }),
    ])
      expect([answer.status, answer.body.code]).toEqual([422, 'risk_too_high'])
    expect(await stored(id)).toMatchObject({ status: 'APPLIED', votes: { length: 1 } })
  })
})

test('a dry run says what a decision would do, and decides nothing', async () => {
  const { id } = await freshLoan()
  const call = { role: 'admin', query: { dry_run: true }, body: { status: 'APPROVED' } } as const
  const { status, body } = await house.call('patch', `/loans/${id}`, call)
  expect([status, body.status, body.dry_run]).toEqual([200, 'APPROVED', true])
  expect(await stored(id)).toMatchObject({ status: 'APPLIED', version: 1 })
  expect(await events(id)).toEqual([])
})
