import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { loanApproved, loanWithdrawn } from '@countinghouse/shared/contracts/loan'
import { inTransaction, readsOn } from '@countinghouse/shared/mongo/transaction'
import { announced } from '@countinghouse/shared/testing/events'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { loans } from '../loans/store/collection.js'
import { openLoanHouse, type LoanHouse } from '../testing/house.js'

let house: LoanHouse
beforeAll(async () => {
  house = await openLoanHouse({ LOAN_ANSWER_WITHIN_SECONDS: 0.2 })
})
afterAll(() => house.close())

const stored = (loanId: string) => readsOn(house.db).findOne(loans, { _id: loanId })
const asksFor = async (loanId: string) =>
  (await announced(house.db, loanApproved)).filter(({ subject }) => subject === loanId)
const runOut = (loanId: string) =>
  inTransaction(house.db, (tx) => tx.update(loans, { _id: loanId }, { $set: { expiresAt: new Date(0) } }))

test('a disbursement that nobody answers is found and asked for again, each time alike', async () => {
  const { id } = (await house.apply('patient')).body
  await house.approve(id)
  await eventually(async () => {
    expect((await asksFor(id)).length).toBeGreaterThanOrEqual(3)
  })
  const [first, ...others] = (await asksFor(id)).map(({ data }) => data)
  for (const other of others) expect(other).toEqual(first)
  expect((await stored(id))?.status).toBe('APPROVED')
  expect((await stored(id))?.disbursement?.attempts).toBeGreaterThanOrEqual(3)
})

test('an application that nobody decides lapses when its time is over, and not before', async () => {
  const [lapsed, waiting] = [(await house.apply('slow')).body, (await house.apply('slow')).body]
  await runOut(lapsed.id)
  await eventually(async () => {
    expect(await stored(lapsed.id)).toMatchObject({ status: 'WITHDRAWN', withdrawal: 'EXPIRED', expiresAt: null })
  })
  expect((await stored(waiting.id))?.status).toBe('APPLIED')
  expect((await announced(house.db, loanWithdrawn)).map(({ subject }) => subject)).toEqual([lapsed.id])
  expect((await house.approve(lapsed.id)).body.code).toBe('illegal_transition')
})

test('an approval that waits for a user lapses; one whose money may be under way does not', async () => {
  const customer = await house.addCustomer({ email: 'nobody@example.com' })
  const waiting = (await house.enter(customer.body.id)).body
  const underWay = (await house.apply('hopeful')).body
  for (const { id } of [waiting, underWay]) await house.approve(id)
  for (const { id } of [underWay, waiting]) await runOut(id)
  await eventually(async () => {
    expect(await stored(waiting.id)).toMatchObject({ status: 'WITHDRAWN', withdrawal: 'EXPIRED' })
  })
  expect(await stored(underWay.id)).toMatchObject({ status: 'APPROVED', disbursement: { status: 'PENDING' } })
})
