import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { paymentSucceeded } from '@countinghouse/shared/contracts/payment'
import { announced } from '@countinghouse/shared/testing/events'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { balanceOf, fundedWallet } from '../testing/client.js'
import { openPaymentHouse, type PaymentHouse } from '../testing/payments.js'

type Asked = { path: string; key: string | undefined; who: string; amount: string | undefined }

/** Stands for loan-service: it shows a loan to its borrower, and takes repayments once for a key. */
const openLoanDesk = async () => {
  const asked: Asked[] = []
  const desk = { asked, isAway: false, refuses: false, url: '', close: () => Promise.resolve() }
  const server = createServer((request, response) => {
    void (async () => {
      let text = ''
      for await (const chunk of request) text += String(chunk)
      const claims = Buffer.from(request.headers.authorization?.split('.')[1] ?? '', 'base64url').toString()
      const { sub } = JSON.parse(claims) as { sub: string }
      const { amount } = JSON.parse(text === '' ? '{}' : text) as { amount?: string }
      const path = request.url ?? ''
      const answer = (status: number, body: object) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      if (request.method === 'GET') return answer(sub === 'ann' ? 200 : 404, { id: 'loan-1', code: 'loan_not_found' })
      asked.push({ path, key: String(request.headers['idempotency-key']), who: sub, amount })
      if (desk.isAway) return answer(503, { code: 'dependency_unavailable' })
      if (desk.refuses) return answer(409, { code: 'repayment_above_outstanding', detail: 'Too much' })
      return answer(201, { id: 'repayment-1' })
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  desk.url = `http://127.0.0.1:${(server.address() as AddressInfo).port.toString()}`
  desk.close = () =>
    new Promise((resolve) => {
      server.closeAllConnections()
      server.close(() => {
        resolve()
      })
    })
  return desk
}

let desk: Awaited<ReturnType<typeof openLoanDesk>>
let house: PaymentHouse
let wallet: string
beforeAll(async () => {
  desk = await openLoanDesk()
  house = await openPaymentHouse({ LOAN_URL: desk.url })
  wallet = await fundedWallet(house.service, 'ann')
})
afterAll(async () => {
  await house.close()
  await desk.close()
})

const pay = (userId: string) =>
  house.customer(userId).send('post', '/payments/intents', {
    ...{ amount: 30, purpose: { kind: 'loan_repayment', id: 'loan-1' } },
    ...{ payment_method: 'pm_card_visa', confirm: true },
  })
const repaymentOf = async (id: string) =>
  ((await house.admin.get(`/payments/intents/${id}`)).body as { repayment: object }).repayment

test('a card repays a loan through its borrower’s wallet, once, however long loan-service is away', async () => {
  desk.isAway = true
  const { body } = await pay('ann')
  expect(body).toMatchObject({ status: 'succeeded', repayment: { status: 'due' } })
  await eventually(() => expect(desk.asked.length).toBeGreaterThan(0))
  desk.isAway = false
  await eventually(async () => {
    expect(await repaymentOf(body.id)).toEqual({ status: 'done', repayment_id: 'repayment-1', code: null })
  })
  const said = desk.asked.map(({ path, key, who, amount }) => [path, key, who, amount].join(' '))
  expect(new Set(said)).toEqual(new Set([`/loans/loan-1/repayments payment-${body.id} service:wallet-service 30.00`]))
  expect((await balanceOf(house.service, wallet)).posted).toBe(3000n)
  expect(await announced(house.service.db, paymentSucceeded)).toMatchObject([{ subject: body.id, data: { purpose: { kind: 'loan_repayment', id: 'loan-1' } } }]) // prettier-ignore
})

test('what the loan does not take stays in the wallet, and the payment says why', async () => {
  desk.refuses = true
  const { body } = await pay('ann')
  await eventually(async () => {
    expect(await repaymentOf(body.id)).toMatchObject({ status: 'refused', code: 'repayment_above_outstanding' })
  })
  expect((await balanceOf(house.service, wallet)).posted).toBe(6000n)
})

test('nobody pays into a loan that they do not see', async () => {
  await fundedWallet(house.service, 'stranger')
  expect((await pay('stranger')).body.code).toBe('loan_not_found')
})
