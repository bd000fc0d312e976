import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { createCalendar } from '@countinghouse/shared/calendar'
import { bookEntryDue } from '@countinghouse/shared/contracts/books'
import { loanAged } from '@countinghouse/shared/contracts/loan'
import { watchFaultPoints } from '@countinghouse/shared/fault'
import { createLog } from '@countinghouse/shared/log'
import { mails } from '@countinghouse/shared/mail/outbox'
import { outbox } from '@countinghouse/shared/messaging/outbox'
import { registry } from '@countinghouse/shared/metrics'
import { native, readsOn } from '@countinghouse/shared/mongo/transaction'
import { announced } from '@countinghouse/shared/testing/events'
import { findEmails } from '../customers/store.js'
import { fold } from '../engine/fold.js'
import { toTerms } from '../loans/domain/terms.js'
import { loans } from '../loans/store/collection.js'
import { findEvents, loanEvents } from '../loans/store/events.js'
import { openLoanHouse, type LoanHouse } from '../testing/house.js'
import { ageLoans, type Deps } from './commands.js'

const LOANS = 5
const DAY_MS = 86_400_000
let house: LoanHouse
let ids: string[]
let paidOutOn: string
beforeAll(async () => {
  house = await openLoanHouse()
})
afterAll(() => house.close())

const all = () => readsOn(house.db).find(loans, {}, { sort: { _id: 1 } })
const dayAfter = (days: number) => new Date(Date.parse(paidOutOn) + days * DAY_MS).toISOString().slice(0, 10)
const going = new AbortController().signal
const deps = (today: string, more: Partial<Deps> = {}): Deps => ({
  ...{ db: house.db, log: createLog('test', 'silent'), now: () => new Date(`${today}T06:00:00Z`) },
  ...{ calendar: createCalendar({ zone: 'Asia/Kolkata' }), addressesOf: findEmails, batchSize: 2 },
  settings: { LOAN_NIGHTLY_AT: '01:00', LOAN_REMIND_DAYS_BEFORE: 3 },
  ...more,
})
const night = (days: number, more?: Partial<Deps>) => ageLoans(deps(dayAfter(days), more), dayAfter(days), going)

/** Five loans alike, paid out on one day: one through the house, the others after its likeness. */
beforeEach(async () => {
  for (const { name } of [loans, loanEvents, outbox, mails]) await house.db.collection(name).deleteMany({})
  const id = await house.activeLoan('borrower')
  const loan = await readsOn(house.db).findOne(loans, { _id: id })
  const [event] = await readsOn(house.db).find(loanEvents, { loanId: id })
  if (!loan || !event) throw new Error('It was not paid out')
  paidOutOn = event.on
  ids = [id, ...Array.from({ length: LOANS - 1 }, (_, index) => `${id}-${index}`)]
  await native(house.db, loans).insertMany(ids.slice(1).map((_id) => ({ ...loan, _id })))
  await native(house.db, loanEvents).insertMany(
    ids.slice(1).map((loanId) => ({ ...event, _id: `${loanId}:1`, loanId })),
  )
  await native(house.db, outbox).deleteMany({})
})
afterEach(() => watchFaultPoints(undefined))

const accrualsOf = async (loanId: string) =>
  (await announced(house.db, bookEntryDue))
    .filter(({ subject }) => subject === loanId)
    .map(({ data }) => data as { step: string; lines: { account: string; side: string; amount_minor: string }[] })
const receivableOf = (accruals: Awaited<ReturnType<typeof accrualsOf>>) =>
  accruals
    .flatMap(({ lines }) => lines)
    .filter(({ account }) => account === 'interest_receivable')
    .reduce((sum, { amount_minor }) => sum + BigInt(amount_minor), 0n)

test('each night brings every running loan to its day, in its books and in its summary, and a repeat changes nothing', async () => {
  for (const days of [1, 2, 3]) await night(days)
  const after = await all()
  for (const loan of after) {
    const due = fold(toTerms(loan), await findEvents(readsOn(house.db), loan._id), dayAfter(3))
    expect(loan).toMatchObject({ booked: due.balances, summary: { asOf: dayAfter(3) }, night: { on: dayAfter(3) } })
    const accruals = await accrualsOf(loan._id)
    expect(accruals.map(({ step }) => step)).toEqual([1, 2, 3].map((days) => `accrual:${dayAfter(days)}`))
    expect(receivableOf(accruals)).toBe(due.owed.interest)
  }
  const events = await native(house.db, outbox).countDocuments()
  for (const days of [3, 2]) await night(days)
  expect(await all()).toEqual(after)
  expect(await native(house.db, outbox).countDocuments()).toBe(events)
})

test('replicas that do the same night at once do it once', async () => {
  await Promise.all([night(1), night(1), night(1)])
  for (const id of ids) expect(await accrualsOf(id)).toHaveLength(1)
  expect(new Set((await all()).map(({ version }) => version))).toEqual(new Set([(await all())[0]?.version]))
})

test('a night that was killed between two batches goes on where it stopped', async () => {
  watchFaultPoints((name) => {
    if (name === 'nightly.batch-done') throw new Error('killed')
  })
  await expect(night(1)).rejects.toThrow('killed')
  expect((await all()).filter((loan) => loan.night?.on === dayAfter(1))).toHaveLength(2)
  watchFaultPoints(undefined)
  await night(1)
  for (const id of ids) expect(await accrualsOf(id)).toHaveLength(1)
})

test('a loan that can not be computed keeps no other from its night, is counted, and is caught up with when it can', async () => {
  const [broken = ''] = ids
  const product = (await readsOn(house.db).findOne(loans, { _id: broken }))?.product
  await native(house.db, loans).updateOne({ _id: broken }, { $set: { 'product.dayCount': 'LUNAR' } })
  await night(1)
  expect((await all()).map((loan) => [loan._id, loan.night?.on]).sort()).toEqual(
    ids.map((id) => [id, id === broken ? undefined : dayAfter(1)]).sort(),
  )
  expect(await registry.metrics()).toMatch(/loan_night_loans_total{.*outcome="failed".*} [1-9]/)
  expect(await registry.metrics()).toMatch(/loan_night_waiting({.*})? 1\n/)
  await native(house.db, loans).updateOne({ _id: broken }, { $set: { product } } as object)
  await night(2)
  expect(receivableOf(await accrualsOf(broken))).toBe(receivableOf(await accrualsOf(ids[1] ?? '')))
})

test('borrowers are mailed once, and the lateness of their loans is announced', async () => {
  const [last] = (await all()).map(({ summary }) => summary?.oldestUnpaidDueOn ?? '')
  const due = (Date.parse(last ?? '') - Date.parse(paidOutOn)) / DAY_MS
  for (const days of [due - 3, due - 3, due, due + 1, due + 1]) await night(days)
  const sent = await readsOn(house.db).find(mails, {})
  expect(sent.map(({ to, subject }) => `${to}: ${subject}`).sort()).toEqual(
    [
      ...ids.map(() => 'borrower@example.com: A payment of your loan falls due'),
      ...ids.map(() => 'borrower@example.com: A payment of your loan is late'),
    ].sort(),
  )
  const news = (await announced(house.db, loanAged)).map(({ data }) => data as object)
  expect(news).toHaveLength(2 * LOANS)
  expect(news.at(-1)).toMatchObject({ on: dayAfter(due + 1), days_past_due: 1, bucket: '1-30' })
})
