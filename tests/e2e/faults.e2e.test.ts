import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { loanActivated, loanApproved } from '@countinghouse/shared/contracts/loan'
import { walletCredited } from '@countinghouse/shared/contracts/wallet'
import { announced } from '@countinghouse/shared/testing/events'
import { publishEvent } from '@countinghouse/shared/testing/publish'
import { startBroker } from '@countinghouse/scripts/servers'
import { expectAnswer } from '@countinghouse/scripts/demo/expect'
import type { Connection } from 'mongoose'
import { approve, newBorrower, type Borrower } from './borrower.js'
import { becomes, ended, startTestSystem, type TestSystem } from './system.js'

let folder: string
let broker: Awaited<ReturnType<typeof startBroker>>
let system: TestSystem
let adminToken: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countinghouse-broker-'))
  broker = await startBroker({ dataDir: folder, say: () => undefined })
  system = await startTestSystem({ broker })
  // It shares wallet-service's outbox and might publish in its place.
  await system.processes.stop('wallet-sync')
  adminToken = await system.adminToken()
})
afterAll(async () => {
  await system.close()
  await broker.close()
  await rm(folder, { recursive: true })
})

/** One credit, one entry, loan `ACTIVE`, nothing lost: what must hold after every fault. */
const expectPaidOnce = async ({ token, loanId }: Borrower, amount = 1000): Promise<void> => {
  const { api } = system
  await becomes(() => api.get(`/loans/${loanId}`, { token }), { status: 'ACTIVE' }, 60_000)
  expectAnswer(await api.get('/wallet', { token }), 200, { balance: amount, available: amount })
  const journal = await api.get(`/ledger/entries?reference_id=${loanId}`, { token: adminToken })
  expect(journal.body).toHaveLength(1)
  expectAnswer(await api.get('/ledger/trial-balance', { token: adminToken }), 200, { balanced: true })
  expect(await eventsAbout(await system.database('loan-service'), loanActivated, loanId)).toHaveLength(1)
  await becomes(() => api.get('/wallet', { token }), { balance: amount })
}

const eventsAbout = async (db: Connection, contract: Parameters<typeof announced>[1], loanId: string) =>
  (await announced(db, contract)).filter((event) => JSON.stringify(event).includes(loanId))

test('RabbitMQ is away at the approval: the decision stands, and the money follows when it is back', async () => {
  const borrower = await newBorrower(system)
  await broker.stop()
  expectAnswer(await approve(system, adminToken, borrower.loanId), 200, { status: 'APPROVED' })
  expectAnswer(await system.api.get('/wallet', { token: borrower.token }), 200, { balance: 0 })
  await broker.start()
  await expectPaidOnce(borrower)
})

test('RabbitMQ is killed at the approval, and comes back', async () => {
  const borrower = await newBorrower(system)
  await broker.kill()
  expectAnswer(await approve(system, adminToken, borrower.loanId), 200, { status: 'APPROVED' })
  await broker.start()
  await expectPaidOnce(borrower)
})

test.each([
  ['wallet-service', 'wallet.loan-events:received', 'after it received the approval'],
  ['wallet-service', 'ledger:before-commit', 'before its transaction commits'],
  ['wallet-service', 'wallet.loan-events:before-ack', 'after the commit, before it acknowledges'],
  ['wallet-service', 'relay:published', 'after it published what happened, before it noted that'],
  ['loan-service', 'relay:published', 'after it published the approval, before it noted that'],
  ['loan-service', 'loan.wallet-events:before-ack', 'after it activated the loan, before it acknowledges'],
] as const)('%s is killed at %s: %s', async (service, faultPoint, _moment) => {
  const borrower = await newBorrower(system)
  await system.processes.stop(service)
  await system.processes.start(service, { FAULT_POINT: faultPoint })
  await system.processes.waitUntilReady(30_000)
  const death = ended(system, service)
  // The killed process may be the one that was asked; whether it answered or not, asking again settles the matter.
  await approve(system, adminToken, borrower.loanId).catch(() => undefined)
  await death
  await system.processes.start(service)
  await system.processes.waitUntilReady(30_000)
  expect([200, 409]).toContain((await approve(system, adminToken, borrower.loanId)).status)
  await expectPaidOnce(borrower)
})

test.each([
  ['movement:recorded', 'after it recorded the repayment, before it asked for the money'],
  ['movement:answered', 'after the money moved, before it noted that'],
])('loan-service is killed at %s: %s', async (faultPoint) => {
  const { api, processes } = system
  const borrower = await newBorrower(system)
  expectAnswer(await approve(system, adminToken, borrower.loanId), 200)
  await expectPaidOnce(borrower)
  await processes.stop('loan-service')
  await processes.start('loan-service', { FAULT_POINT: faultPoint })
  await processes.waitUntilReady(30_000)
  const death = ended(system, 'loan-service')
  const { token, loanId } = borrower
  const repay = () => api.post(`/loans/${loanId}/repayments`, { token, key: 'once', body: { amount: 250 } })
  await repay().catch(() => undefined)
  await death
  await processes.start('loan-service', { LOAN_ANSWER_WITHIN_SECONDS: '1' })
  await processes.waitUntilReady(30_000)
  const first = await repay()
  expect([201, 202]).toContain(first.status)
  expect((await repay()).body).toEqual(first.body)
  await becomes(() => api.get(`/loans/${loanId}`, { token }), { outstanding: 750 })
  expectAnswer(await api.get('/wallet', { token }), 200, { balance: 750 })
  const { body: repayments } = await api.get(`/loans/${loanId}/repayments`, { token })
  expect(repayments).toMatchObject([{ amount: 250, status: 'COMPLETED' }])
})

test('the same approval is delivered five times', async () => {
  const borrower = await newBorrower(system)
  expectAnswer(await approve(system, adminToken, borrower.loanId), 200)
  const [event] = await eventsAbout(await system.database('loan-service'), loanApproved, borrower.loanId)
  if (!event) throw new Error('no approval was announced')
  await publishEvent(system.rabbitmqUrl, event, 4)
  await expectPaidOnce(borrower)
  const [credit, ...others] = await eventsAbout(
    await system.database('wallet-service'),
    walletCredited,
    borrower.loanId,
  )
  expect(credit).toBeDefined()
  expect(others).toEqual([])
})

test('twenty approvals at once, each sent twice, while wallet-service is killed and started: every loan is paid once', async () => {
  const borrowers = await Promise.all(Array.from({ length: 20 }, () => newBorrower(system)))
  const decisions = borrowers.flatMap(({ loanId }) => [
    approve(system, adminToken, loanId),
    approve(system, adminToken, loanId),
  ])
  await system.processes.kill('wallet-service')
  const statuses = (await Promise.all(decisions)).map(({ status }) => status)
  expect(statuses.filter((status) => status === 200)).toHaveLength(20)
  await system.processes.start('wallet-service')
  await system.processes.waitUntilReady(30_000)
  for (const borrower of borrowers) await expectPaidOnce(borrower)
})
