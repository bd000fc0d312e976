import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { disbursementFailed, loanActivated, loanApproved, loanWithdrawn } from '@countinghouse/shared/contracts/loan'
import { walletCredited } from '@countinghouse/shared/contracts/wallet'
import { newEvent, type EventContract } from '@countinghouse/shared/messaging/event'
import { inbox } from '@countinghouse/shared/messaging/inbox'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { announced } from '@countinghouse/shared/testing/events'
import { publishEvent } from '@countinghouse/shared/testing/publish'
import { atOnce, openLoanHouse, tally, type LoanHouse } from '../testing/house.js'
import { loans } from '../loans/store/collection.js'
import { loanEvents } from '../loans/store/events.js'

let house: LoanHouse
beforeAll(async () => {
  house = await openLoanHouse()
})
afterAll(() => house.close())

const creditOf = (loanId: string, changes: { entry_id?: string; reference?: { kind: string; id: string } } = {}) =>
  newEvent(walletCredited, `wallet-of-${loanId}`, {
    wallet_id: `wallet-of-${loanId}`,
    user_id: 'borrower',
    entry_id: `entry-of-${loanId}`,
    amount_minor: 25_000_00n,
    currency: 'USD',
    balance_after_minor: 25_000_00n,
    reference: { kind: 'disbursement', id: loanId },
    moved_at: '2026-11-21T10:00:00.000Z',
    ...changes,
  })

const failureOf = (loanId: string) =>
  newEvent(disbursementFailed, loanId, {
    loan_id: loanId,
    user_id: 'borrower',
    code: 'wallet_frozen',
    reason: 'The wallet is frozen',
    failed_at: '2026-11-21T10:00:00.000Z',
  })

const stored = (loanId: string) => readsOn(house.db).findOne(loans, { _id: loanId })
const becomes = (loanId: string, state: object) =>
  eventually(async () => {
    expect(await stored(loanId)).toMatchObject(state)
  })
const handled = (event: { id: string }) =>
  eventually(async () => {
    expect(await readsOn(house.db).count(inbox, { eventId: event.id })).toBe(1)
  })
const eventsOf = async (contract: EventContract, loanId: string) =>
  (await announced(house.db, contract)).filter(({ subject }) => subject === loanId)

let borrowers = 0
const approvedLoan = async (): Promise<string> => {
  const { body } = await house.apply(`borrower-${(++borrowers).toString()}`)
  await house.approve(body.id)
  return body.id
}
const retry = (loanId: string, role: 'admin' | 'staff' = 'admin') =>
  house.call('post', `/loans/${loanId}/disbursement/retry`, { role })

test('one credit delivered five times makes a loan active once', async () => {
  const loanId = await approvedLoan()
  const credit = creditOf(loanId)
  await publishEvent(house.rabbitmqUrl, credit, 5)
  const disbursement = {
    status: 'COMPLETED',
    entryId: `entry-of-${loanId}`,
    creditedAt: new Date('2026-11-21T10:00:00Z'),
  }
  await becomes(loanId, { status: 'ACTIVE', decision: 'APPROVED', version: 3, disbursement })
  // What is published after the five is handled after them, so that by then all of them have had their chance.
  const unrelated = creditOf(loanId, { entry_id: 'top-up', reference: { kind: 'top_up', id: loanId } })
  const sameEntry = creditOf(loanId)
  await publishEvent(house.rabbitmqUrl, unrelated)
  await publishEvent(house.rabbitmqUrl, sameEntry)
  await handled(sameEntry)
  expect(await stored(loanId)).toMatchObject({ version: 3, history: { length: 3 } })
  const [event, ...others] = await eventsOf(loanActivated, loanId)
  expect(others).toEqual([])
  expect(event).toMatchObject({ causationid: credit.id, data: { loan_id: loanId, entry_id: `entry-of-${loanId}` } })
})

test('a failed disbursement leaves the loan approved with the reason, and a retry asks again', async () => {
  const loanId = await approvedLoan()
  expect([(await retry(loanId)).status, (await retry(loanId)).body.code]).toEqual([409, 'disbursement_not_failed'])
  await publishEvent(house.rabbitmqUrl, failureOf(loanId), 3)
  const reason = { code: 'wallet_frozen', reason: 'The wallet is frozen' }
  await becomes(loanId, { status: 'APPROVED', version: 3, disbursement: { status: 'FAILED', ...reason } })

  expect((await retry(loanId, 'staff')).status).toBe(403)
  const answers = await atOnce(5, () => retry(loanId))
  expect(tally(answers)).toEqual({ 200: 1, 409: 4 })
  const [first, second, ...others] = await eventsOf(loanApproved, loanId)
  expect(others).toEqual([])
  expect(second?.id).not.toBe(first?.id)
  expect(second?.data).toEqual(first?.data)

  await publishEvent(house.rabbitmqUrl, creditOf(loanId))
  await becomes(loanId, { status: 'ACTIVE', disbursement: { status: 'COMPLETED', code: null, reason: null } })
})

test('a loan that is not approved can not be paid out again', async () => {
  const { body } = await house.apply('undecided')
  expect((await retry(body.id)).body).toMatchObject({ code: 'illegal_transition', loan_status: 'APPLIED' })
  expect((await retry('unknown')).status).toBe(404)
})

test('admins and services see every step a loan took, who took it and when', async () => {
  const loanId = await approvedLoan()
  await publishEvent(house.rabbitmqUrl, creditOf(loanId))
  await becomes(loanId, { status: 'ACTIVE' })
  const { body } = await house.call('get', `/loans/${loanId}/tracking`, { role: 'admin' })
  expect(body).toMatchObject({
    loan_id: loanId,
    status: 'ACTIVE',
    disbursement: { status: 'COMPLETED', credited_at: '2026-11-21T10:00:00.000Z' },
    history: [
      { step: 'apply', status: 'APPLIED', by: `user:borrower-${borrowers.toString()}` },
      { step: 'approve', status: 'APPROVED', by: 'user:admin' },
      { step: 'credit', status: 'ACTIVE', by: 'service:wallet-service' },
    ],
  })
  const path = `${house.url}/loans/${loanId}/tracking`
  const asService = await fetch(path, {
    headers: { authorization: `Bearer ${house.tokens.serviceToken('reporting-service')}` },
  })
  expect(await asService.json()).toEqual(body)
  for (const role of ['staff', 'customer'] as const)
    expect((await house.call('get', `/loans/${loanId}/tracking`, { role })).status).toBe(403)
})

const withdraw = (loanId: string, role: 'customer' | 'staff', userId = 'staff-user') =>
  house.call('post', `/loans/${loanId}/withdraw`, { role, userId, body: { reason: 'Changed my mind' } })

test('an application is taken back by its borrower or by staff, and by nobody else', async () => {
  for (const role of ['customer', 'staff'] as const) {
    const userId = `leaver-${role}`
    const { id } = (await house.apply(userId)).body
    expect((await withdraw(id, 'customer', 'somebody')).status).toBe(404)
    const { status, body } = await withdraw(id, role, userId)
    expect([status, body.status, body.withdrawal, body.decision]).toEqual([200, 'WITHDRAWN', 'WITHDRAWN', 'REJECTED'])
    expect(await eventsOf(loanWithdrawn, id)).toMatchObject([{ data: { reason: 'WITHDRAWN' } }])
    expect((await withdraw(id, role, userId)).body.code).toBe('illegal_transition')
    expect((await house.approve(id)).body.code).toBe('illegal_transition')
  }
})

test('an approval is taken back only after its payment failed; money that comes nevertheless leaves it withdrawn', async () => {
  const loanId = await approvedLoan()
  expect((await withdraw(loanId, 'staff')).body.code).toBe('disbursement_pending')
  await publishEvent(house.rabbitmqUrl, failureOf(loanId))
  await becomes(loanId, { disbursement: { status: 'FAILED' } })
  expect((await withdraw(loanId, 'staff')).body).toMatchObject({ status: 'WITHDRAWN', withdrawal: 'CANCELLED' })
  const late = creditOf(loanId)
  await publishEvent(house.rabbitmqUrl, late, 2)
  await handled(late)
  expect(await stored(loanId)).toMatchObject({ status: 'WITHDRAWN', disbursement: { status: 'COMPLETED' } })
  expect(await eventsOf(loanActivated, loanId)).toEqual([])
})

test('a loan runs from the day of its credit: the schedule, the payoff and the statement agree with what is owed', async () => {
  const loanId = await approvedLoan()
  const read = (path: string, query: object = {}) =>
    house.call('get', `/loans/${loanId}${path}`, { role: 'viewer', query })
  expect((await read('/schedule')).body).toMatchObject({ paid_out_on: null, rows: { length: 36 } })
  expect((await read('/payoff')).body.code).toBe('not_paid_out')
  await publishEvent(house.rabbitmqUrl, creditOf(loanId))
  await becomes(loanId, { status: 'ACTIVE', eventCount: 1, summary: { principalOutstandingMinor: 25_000_00n } })
  expect(await readsOn(house.db).find(loanEvents, { loanId })).toMatchObject([
    { sequence: 1, on: '2026-11-21', happening: { kind: 'disbursed', amountMinor: 25_000_00n } },
  ])
  const { body: schedule } = await read('/schedule')
  expect(schedule.paid_out_on).toBe('2026-11-21')
  expect(schedule.rows[0]).toMatchObject({ due_date: '2026-12-21', interest: 250, total: 830.36 })
  const { outstanding } = (await read('')).body
  const { body: payoff } = await read('/payoff')
  const { body: statement } = await read('/statement')
  expect([payoff.total, statement.outstanding]).toEqual([outstanding, outstanding])
  expect(payoff.days).toHaveLength(10)
  expect((await read('/payoff', { on: '2020-01-01' })).body.code).toBe('day_is_past')
  for (const path of ['/schedule', '/payoff', '/statement'])
    expect((await house.call('get', `/loans/${loanId}${path}`, { role: 'customer', userId: 'stranger' })).status).toBe(
      404,
    )
})
