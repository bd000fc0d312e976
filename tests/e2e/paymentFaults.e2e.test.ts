import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createLog } from '@countinghouse/shared/log'
import { connectMongo } from '@countinghouse/shared/mongo/connect'
import { acquireLease } from '@countinghouse/shared/mongo/lease'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { registrationOf } from '@countinghouse/shared/testing/events'
import { publishEvent } from '@countinghouse/shared/testing/publish'
import { freePort } from '@countinghouse/shared/testing/service'
import { openTokenOffice, type TokenOffice } from '@countinghouse/shared/testing/tokens'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { Connection } from 'mongoose'
import { readinessOf, runEntry, runWalletService, walletSettings, type CleanUps } from '../processes/alone.js'

const cleanUps: CleanUps = []
let office: TokenOffice
let db: Connection
let settings: Record<string, string> & Awaited<ReturnType<typeof walletSettings>>
beforeAll(async () => {
  office = await openTokenOffice()
  cleanUps.push(() => office.close())
  const own = await walletSettings(cleanUps)
  const [PORT, METRICS_PORT] = [(await freePort()).toString(), (await freePort()).toString()]
  const sandbox = {
    ...{ PORT, METRICS_PORT, SANDBOX_WEBHOOK_SECRET: 'whsec_that_nobody_needs' },
    // Nobody is told: what gets lost has to be found.
    SANDBOX_WEBHOOK_URL: `http://127.0.0.1:${(await freePort()).toString()}/`,
  }
  runEntry('wallet-service/dist/sandbox/main.js', sandbox, cleanUps)
  const provider = { STRIPE_API_KEY: 'sk_test_sandbox', STRIPE_API_URL: `http://127.0.0.1:${PORT}` }
  settings = { ...own, ...provider, AUTH_URL: office.authUrl }
  const { MONGODB_URI: uri, MONGODB_DATABASE: database } = settings
  db = await connectMongo({ uri, database, service: 'test', log: createLog('test', 'silent') })
  cleanUps.push(() => db.close())
})
afterAll(async () => {
  for (const cleanUp of cleanUps.reverse()) await cleanUp()
})

const start = async (more: Record<string, string> = {}) => {
  const started = runWalletService({ ...settings, ...more }, cleanUps)
  await eventually(async () => expect((await readinessOf(settings.METRICS_PORT)).status).toBe(200), 60_000)
  return started
}

type Body = { id: string; status: string; balance: number; differences: { code: string }[]; data: { id: string }[] }

const call = async (path: string, token: string, post?: { body: object; key: string }): Promise<Body> => {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const response = await fetch(`http://127.0.0.1:${settings.PORT}${path}`, {
    method: post ? 'POST' : 'GET',
    headers: { ...headers, ...(post && { 'idempotency-key': post.key }) },
    body: post ? JSON.stringify(post.body) : null,
  })
  const answer = (await response.json()) as Body
  expect([response.status < 300, answer]).toEqual([true, answer])
  return answer
}
const compare = async (): Promise<string[]> =>
  (await call('/payments/reconciliation', office.userToken('admin'))).differences.map(({ code }) => code)

/** Keeps the house from finishing by itself what its watch finds open. */
const holdWatch = () =>
  eventually(async () => {
    const lease = await acquireLease(db, 'watch-payments', 600_000)
    if (!lease) throw new Error('Somebody watches')
    return lease
  })

/** Somebody with a wallet, opened by their registration. */
const someone = async () => {
  const userId = uuidv7()
  const token = office.userToken('customer', userId)
  await publishEvent(settings.RABBITMQ_URL, registrationOf(userId))
  const { id } = await eventually(() => call('/wallet', token))
  return { token, walletId: id }
}

const stop = async ({ process, exitCode }: Awaited<ReturnType<typeof start>>, signal: NodeJS.Signals = 'SIGTERM') => {
  process.kill(signal)
  await exitCode
}

/** What dies where, and whether the provider has charged the card by then. */
const deaths = { 'payment:asked': false, 'payment:answered': true, 'ledger:before-commit': true }

test('killed around the provider’s answer a charge is neither lost nor made twice: the comparison shows it, the repeat finds it', async () => {
  const before = await start()
  const { token } = await someone()
  const begin = () => call('/payments/intents', token, { body: { amount: 50 }, key: uuidv7() })
  const begun = await Promise.all(Object.keys(deaths).map(begin))
  await stop(before)
  const watch = await holdWatch()

  const confirmations = begun.map(
    ({ id }) =>
      () =>
        confirm(id, token),
  )
  for (const [index, FAULT_POINT] of Object.keys(deaths).entries()) {
    const doomed = await start({ FAULT_POINT })
    await expect(confirmations[index]?.()).rejects.toThrow('fetch failed')
    await doomed.exitCode
  }

  const after = await start()
  const charged = Object.values(deaths).filter(Boolean)
  expect(await compare()).toEqual(charged.map(() => 'missing_in_books'))
  // A repeat is told that the first is in progress for as long as MongoDB keeps what the dead process had open.
  for (const confirmation of confirmations) expect((await eventually(confirmation, 30_000)).status).toBe('succeeded')
  // The fees follow when the house watches again.
  await watch.release()
  await eventually(async () => expect(await compare()).toEqual([]), 30_000)
  expect((await call('/wallet', token)).balance).toBe(150)
  await stop(after)
}, 240_000)

const confirm = (id: string, token: string): Promise<Body> =>
  call(`/payments/intents/${id}/confirm`, token, { body: { payment_method: 'pm_card_visa' }, key: `confirm-${id}` })

test('killed around the provider’s answer money that is sent out is neither lost nor sent twice: the comparison names it, the courier finds it', async () => {
  const before = await start()
  const { token, walletId } = await someone()
  const funds = { body: { wallet_id: walletId, amount: 100 }, key: uuidv7() }
  await call('/wallet/credit', office.userToken('admin'), funds)
  await stop(before)
  const order = { body: { recipient: { bank_account: 'ba_success', name: 'Ben' }, amount: 30 }, key: uuidv7() }
  const send = () => call('/remittances', token, order)

  const first = await start({ FAULT_POINT: 'remittance:provider-answered' })
  // It may die before it has told that it will send.
  await send().catch(() => undefined)
  await first.exitCode
  const second = runWalletService({ ...settings, FAULT_POINT: 'ledger:before-commit' }, cleanUps)
  await second.exitCode
  await carryAt(new Date('2100-01-01'))

  const after = await start()
  const { id } = await send()
  await eventually(async () => expect(await compare()).toEqual(['missing_in_books', 'paid_at_provider_only']))
  const isDone = async () => expect((await call(`/remittances/${id}`, token)).status).toBe('completed')
  await eventually(async () => {
    await carryAt(new Date(0))
    await eventually(isDone, 3_000)
  }, 30_000)
  expect(await compare()).toEqual([])
  expect((await call('/wallet', token)).balance).toBe(70)
  const headers = { authorization: 'Bearer sk_test_sandbox' }
  const made = (await (await fetch(`${settings.STRIPE_API_URL}/v1/payouts`, { headers })).json()) as Body
  expect(made.data).toHaveLength(1)
  await stop(after)
}, 240_000)

/** When the courier looks at what is on its way; waits for what a dead process had open. */
const carryAt = (dueAt: Date) =>
  db.collection('remittances').updateMany({ status: 'processing' }, { $set: { dueAt }, $inc: { version: 1 } })
