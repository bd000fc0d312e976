import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { bookEntryDueBy } from '@countinghouse/shared/contracts/books'
import { newEvent } from '@countinghouse/shared/messaging/event'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { registrationOf } from '@countinghouse/shared/testing/events'
import { publishEvent } from '@countinghouse/shared/testing/publish'
import { openTokenOffice, type TokenOffice } from '@countinghouse/shared/testing/tokens'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { runReady, walletSettings, type CleanUps } from './alone.js'

const cleanUps: CleanUps = []
let office: TokenOffice
let settings: Awaited<ReturnType<typeof walletSettings>>
beforeAll(async () => {
  office = await openTokenOffice()
  cleanUps.push(() => office.close())
  settings = { ...(await walletSettings(cleanUps)), AUTH_URL: office.authUrl }
})
afterAll(async () => {
  for (const cleanUp of cleanUps.reverse()) await cleanUp()
})

const start = (faultPoint?: string) => runReady('wallet-service', settings, cleanUps, faultPoint)

type Answer = { status: number; body: { id: string } }
type Request = { path: string; body: object; token: string; key: string }

const send = async ({ path, body, token, key }: Request): Promise<Answer> => {
  const response = await fetch(`http://127.0.0.1:${settings.PORT}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify(body),
  })
  return { status: response.status, body: (await response.json()) as Answer['body'] }
}
const get = async (path: string): Promise<unknown> => {
  const headers = { authorization: `Bearer ${office.userToken('admin')}` }
  return (await fetch(`http://127.0.0.1:${settings.PORT}${path}`, { headers })).json()
}
const asAdmin = (path: string, body: object): Request => ({
  path,
  body,
  token: office.userToken('admin'),
  key: uuidv7(),
})
const done = async (request: Request): Promise<string> => {
  const { status, body } = await send(request)
  expect([status < 300, body]).toEqual([true, body])
  return body.id
}

const ITEMS = 600

const openWallet = async (): Promise<{ id: string; userId: string }> => {
  const userId = uuidv7()
  await publishEvent(settings.RABBITMQ_URL, registrationOf(userId))
  return eventually(async () => {
    const headers = { authorization: `Bearer ${office.userToken('customer', userId)}` }
    const response = await fetch(`http://127.0.0.1:${settings.PORT}/wallet`, { headers })
    expect(response.status).toBe(200)
    return { id: ((await response.json()) as { id: string }).id, userId }
  })
}

/** A wallet with money, and one request of every kind that is not a plain transfer, none of them sent yet. */
const prepare = async () => {
  const [payer, payee] = [await openWallet(), await openWallet()]
  await done(asAdmin('/wallet/credit', { wallet_id: payer.id, amount: 1000 }))
  const pay = (amount: number) => ({ from_wallet_id: payer.id, to_wallet_id: payee.id, amount })
  const paid = await done(asAdmin('/transfers', pay(5)))
  const hold = { wallet_id: payer.id, to_wallet_id: payee.id }
  const [kept, given] = [await done(asAdmin('/holds', { ...hold, amount: 20 })), await done(asAdmin('/holds', { ...hold, amount: 30 }))] // prettier-ignore
  const loan = uuidv7()
  const repayment = {
    postings: [
      { user_id: payer.userId, currency: 'USD', side: 'debit', amount: 7 },
      { account_id: 'house:loans_receivable:USD', side: 'credit', amount: 7 },
    ],
    description: 'Repayment',
    reference: { kind: 'loan', id: loan },
    key: 'repayment',
  }
  const requests = [
    asAdmin('/transfers/batch', { atomic: false, transfers: [...Array<object>(ITEMS).fill(pay(0.01)), pay(9999)] }),
    asAdmin('/transfers/batch', { atomic: true, transfers: [pay(1), pay(1), pay(1)] }),
    asAdmin('/holds', { ...hold, amount: 10 }),
    asAdmin(`/holds/${kept}/capture`, {}),
    asAdmin(`/holds/${given}/release`, {}),
    asAdmin(`/ledger/entries/${paid}/reverse`, { reason: 'a mistake' }),
    { ...asAdmin('/ledger/entries', repayment), token: office.serviceToken('loan-service') },
  ]
  const lines = (['interest_receivable', 'interest_income'] as const).map((account, index) => ({
    account,
    side: (['debit', 'credit'] as const)[index] ?? 'debit',
    amount_minor: 9n,
  }))
  const due = newEvent(bookEntryDueBy('loan-service'), loan, {
    ...{ document: { kind: 'loan', id: loan }, step: 'accrual', currency: 'USD', lines },
    ...{ description: 'Interest', occurred_at: new Date().toISOString() },
  })
  return { payer, payee, loan, requests, due }
}

test('killed between any two steps, a service that comes back does each request once, and answers it', async () => {
  let running = await start()
  const points = ['ledger:committed', 'ledger:companions-written', 'wallet.books-events:before-ack'] as const
  const rounds = [await prepare(), await prepare(), await prepare()]
  for (const [index, point] of points.entries()) {
    running.process.kill('SIGKILL')
    await running.exitCode
    running = await start(point)
    const sent = rounds.slice(0, index + 1)
    const answers = sent.flatMap(({ requests }) => requests.map((request) => send(request).catch(() => undefined)))
    await publishEvent(settings.RABBITMQ_URL, (rounds[index] as (typeof rounds)[number]).due)
    await running.exitCode
    expect(await Promise.all(answers)).toContain(undefined)
  }
  await start()
  for (const { payer, payee, loan, requests, due } of rounds) {
    const answers = await Promise.all(requests.map(send))
    expect(answers.filter(({ status }) => status >= 300)).toEqual([])
    expect(await Promise.all(requests.map(send))).toEqual(answers)
    const { results } = answers[0]?.body as unknown as { results: { status: string }[] }
    expect(results.map(({ status }) => status)).toEqual([...Array<string>(ITEMS).fill('posted'), 'refused'])
    // 1000 − 5 paid − 6 and 3 in batches − 20 captured + 5 reversed − 7 repaid; 10 are held.
    expect(await get(`/wallets/${payer.id}`)).toMatchObject({ balance: 964, available: 954, held: 10 })
    expect(await get(`/wallets/${payee.id}`)).toMatchObject({ balance: 29 })
    await publishEvent(settings.RABBITMQ_URL, due)
    await eventually(async () => expect(await get(`/ledger/entries?reference_id=${loan}`)).toHaveLength(2))
  }
  const headers = { authorization: `Bearer ${office.userToken('admin')}` }
  const verified = await (await fetch(`http://127.0.0.1:${settings.PORT}/ledger/verify`, { headers })).text()
  expect(JSON.parse(verified.trim().split('\n').at(-1) ?? '')).toMatchObject({ ok: true, problems: [] })
  expect((await send(asAdmin('/ledger/reconcile', {}))).body).toMatchObject({ ok: true, problems: [] })
}, 240_000)
