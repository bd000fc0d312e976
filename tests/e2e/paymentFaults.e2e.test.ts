import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { registrationOf } from '@countinghouse/shared/testing/events'
import { publishEvent } from '@countinghouse/shared/testing/publish'
import { freePort } from '@countinghouse/shared/testing/service'
import { openTokenOffice, type TokenOffice } from '@countinghouse/shared/testing/tokens'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { readinessOf, runEntry, runWalletService, walletSettings, type CleanUps } from './walletProcess.js'

const cleanUps: CleanUps = []
let office: TokenOffice
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
})
afterAll(async () => {
  for (const cleanUp of cleanUps.reverse()) await cleanUp()
})

const start = async (more: Record<string, string> = {}) => {
  const started = runWalletService({ ...settings, ...more }, cleanUps)
  await eventually(async () => expect((await readinessOf(settings.METRICS_PORT)).status).toBe(200), 30_000)
  return started
}

type Body = { id: string; status: string; balance: number; differences: { code: string }[] }

const call = async (path: string, token: string, post?: { body: object; key: string }): Promise<Body> => {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const response = await fetch(`http://127.0.0.1:${settings.PORT}${path}`, {
    method: post ? 'POST' : 'GET',
    headers: { ...headers, ...(post && { 'idempotency-key': post.key }) },
    body: post ? JSON.stringify(post.body) : null,
  })
  expect(response.status).toBeLessThan(300)
  return (await response.json()) as Body
}
const compare = async (): Promise<string[]> =>
  (await call('/payments/reconciliation', office.userToken('admin'))).differences.map(({ code }) => code)

const stop = async ({ process, exitCode }: Awaited<ReturnType<typeof start>>, signal: NodeJS.Signals = 'SIGTERM') => {
  process.kill(signal)
  await exitCode
}

const DEATHS = ['payment:asked', 'payment:answered', 'ledger:before-commit']

test('killed around the provider’s answer a charge is neither lost nor made twice: the comparison shows it, the repeat finds it', async () => {
  const userId = uuidv7()
  const token = office.userToken('customer', userId)
  const before = await start()
  await publishEvent(settings.RABBITMQ_URL, registrationOf(userId))
  await eventually(() => call('/wallet', token))
  const begin = () => call('/payments/intents', token, { body: { amount: 50 }, key: uuidv7() })
  const begun = await Promise.all(DEATHS.map(begin))
  await stop(before)

  const confirmations = begun.map(
    ({ id }) =>
      () =>
        confirm(id, token),
  )
  for (const [index, FAULT_POINT] of DEATHS.entries()) {
    // It may die as soon as it starts, of what the one before it left to be finished.
    const doomed = runWalletService({ ...settings, FAULT_POINT }, cleanUps)
    const ready = eventually(async () => expect((await readinessOf(settings.METRICS_PORT)).status).toBe(200), 30_000)
    await Promise.race([doomed.exitCode, ready.then(confirmations[index]).catch(() => undefined)])
    await doomed.exitCode
  }

  const after = await start()
  expect((await compare()).filter((code) => code !== 'missing_in_books')).toEqual([])
  // Where the house finished by itself what was asked, the repeat is refused: it has succeeded already.
  for (const confirmation of confirmations) await confirmation().catch(() => undefined)
  for (const { id } of begun) expect((await call(`/payments/intents/${id}`, token)).status).toBe('succeeded')
  // The fees follow once the lease of the dead process has run out.
  await eventually(async () => expect(await compare()).toEqual([]), 30_000)
  expect((await call('/wallet', token)).balance).toBe(150)
  await stop(after)
}, 120_000)

const confirm = (id: string, token: string): Promise<Body> =>
  call(`/payments/intents/${id}/confirm`, token, { body: { payment_method: 'pm_card_visa' }, key: `confirm-${id}` })
