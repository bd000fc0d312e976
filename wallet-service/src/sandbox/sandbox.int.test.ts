import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { freePort } from '@countinghouse/shared/testing/service'
import { openSandbox, type Sandbox } from './open.js'

let folder: string
let sandbox: Sandbox
const open = async () => {
  const nobody = { webhookUrl: 'http://127.0.0.1:9/', webhookSecret: 'whsec_test' }
  return openSandbox({
    ...nobody,
    host: '127.0.0.1',
    port: await freePort(),
    delayMs: 0,
    file: join(folder, 'state.jsonl'),
  })
}
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sandbox-'))
  sandbox = await open()
})
afterEach(async () => {
  await sandbox.close()
  rmSync(folder, { recursive: true })
})

type Body = { id: string; status: string; error?: { type: string; code?: string; param?: string }; data?: Body[]; has_more?: boolean } // prettier-ignore

const ask = async (path: string, form?: Record<string, string>, headers: Record<string, string> = {}) => {
  const response = await fetch(`${sandbox.url}/v1/${path}`, {
    method: form ? 'POST' : 'GET',
    headers: { authorization: 'Bearer sk_test', ...headers },
    body: form ? new URLSearchParams(form) : null,
  })
  return { status: response.status, headers: response.headers, body: (await response.json()) as Body }
}
const order = { amount: '5000', currency: 'usd' }
const charged = { ...order, payment_method: 'pm_card_visa', confirm: 'true' }

test('one key, one effect: a repeat is told the same, another request under it is refused', async () => {
  const key = { 'idempotency-key': 'key-1' }
  const [first, again] = [await ask('payment_intents', order, key), await ask('payment_intents', order, key)]
  expect([again.body, again.headers.get('idempotent-replayed')]).toEqual([first.body, 'true'])
  const other = await ask('payment_intents', { ...order, amount: '1' }, key)
  expect([other.status, other.body.error?.type]).toEqual([400, 'idempotency_error'])
  expect(sandbox.state.all('payment_intent')).toHaveLength(1)
})

test('what is wrong is told as on the real wire', async () => {
  expect((await ask('payment_intents', { currency: 'usd' })).body.error).toMatchObject({ code: 'parameter_missing', param: 'amount' }) // prettier-ignore
  expect((await ask('payment_intents/pi_none')).body.error).toMatchObject({ code: 'resource_missing' })
  expect((await ask('payment_intents', order, { authorization: '' })).status).toBe(401)
  const { body } = await ask('payment_intents', charged)
  const twice = await ask(`payment_intents/${body.id}/confirm`, { payment_method: 'pm_card_visa' })
  expect([twice.status, twice.body.error?.code]).toEqual([400, 'payment_intent_unexpected_state'])
})

test('a card’s number is good for a name of it, and lists come in pages, the newest first', async () => {
  const { body: made } = await ask('payment_methods', { type: 'card', 'card[number]': '4000 0000 0000 9995' })
  const declined = await ask('payment_intents', { ...charged, payment_method: made.id })
  expect([declined.status, declined.body.error?.code]).toEqual([402, 'card_declined'])
  for (const _one of [1, 2, 3]) await ask('payment_intents', charged)
  const page = (await ask('balance_transactions?limit=2')).body
  const rest = (await ask(`balance_transactions?limit=2&starting_after=${page.data?.[1]?.id ?? ''}`)).body
  expect([page.data?.length, page.has_more, rest.data?.length, rest.has_more]).toEqual([2, true, 1, false])
})

test('what happened, and what is still to happen, outlives the process', async () => {
  const { body } = await ask('payouts', { ...order, destination: 'ba_success' })
  await sandbox.close()
  sandbox = await open()
  await eventually(async () => expect((await ask(`payouts/${body.id}`)).body.status).toBe('paid'))
})
