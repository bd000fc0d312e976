import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { Stripe } from 'stripe'
import { ProviderRefused, type PaymentProvider } from '../provider.js'
import { createStripeProvider } from './adapter.js'

type Asked = { line: string; headers: IncomingHttpHeaders; form: Record<string, string> }
type Answer = { status: number; body: object }

const intent = {
  ...{ id: 'pi_1', object: 'payment_intent', status: 'requires_payment_method', amount: 5000, amount_capturable: 0 },
  ...{ amount_received: 0, currency: 'usd', client_secret: 'pi_1_secret', next_action: null, latest_charge: null },
  ...{ last_payment_error: null, cancellation_reason: null, metadata: { countinghouse_id: 'payment-1' } },
}

let asked: Asked[] = []
let answer: Answer
let provider: PaymentProvider
const server = createServer((request, response) => {
  void (async () => {
    let text = ''
    for await (const chunk of request) text += String(chunk)
    const line = `${request.method ?? ''} ${request.url ?? ''}`
    asked.push({ line, headers: request.headers, form: Object.fromEntries(new URLSearchParams(text)) })
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body))
  })()
})
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  provider = createStripeProvider({ apiKey: 'sk_test_1', apiUrl: `http://127.0.0.1:${port.toString()}` })
})
beforeEach(() => {
  asked = []
  answer = { status: 200, body: intent }
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const order = {
  ...{ paymentId: 'payment-1', amountMinor: 5000n, currency: 'USD', captureMethod: 'manual' as const },
  ...{ paymentMethod: null, description: 'A chair' },
}

test('a payment is ordered as Stripe takes it: a form, its smallest unit, our id, our key, a pinned version', async () => {
  expect(await provider.createPayment(order, 'key-1')).toMatchObject({ id: 'pi_1', paymentId: 'payment-1', amountMinor: 5000n, currency: 'USD' }) // prettier-ignore
  const [{ line, headers, form } = { line: '', headers: {}, form: {} }] = asked
  expect(line).toBe('POST /v1/payment_intents')
  expect(form).toEqual({
    ...{ amount: '5000', currency: 'usd', capture_method: 'manual', description: 'A chair' },
    ...{ 'metadata[countinghouse_id]': 'payment-1', 'allowed_payment_method_types[0]': 'card' },
  })
  expect(headers).toMatchObject({
    'idempotency-key': 'key-1',
    authorization: 'Bearer sk_test_1',
    'stripe-version': Stripe.API_VERSION,
    'content-type': 'application/x-www-form-urlencoded',
  })
  expect(headers['x-stripe-client-telemetry']).toBeUndefined()
})

test.each<[string, () => Promise<unknown>, string, object]>([
  ['confirm', () => provider.confirmPayment('pi_1', { paymentMethod: 'pm_1', returnUrl: 'https://a.test/' }, 'k'), 'POST /v1/payment_intents/pi_1/confirm', { payment_method: 'pm_1', return_url: 'https://a.test/' }], // prettier-ignore
  ['capture', () => provider.capturePayment('pi_1', 30n, 'k'), 'POST /v1/payment_intents/pi_1/capture', { amount_to_capture: '30' }], // prettier-ignore
  ['cancel', () => provider.cancelPayment('pi_1', 'abandoned', 'k'), 'POST /v1/payment_intents/pi_1/cancel', { cancellation_reason: 'abandoned' }], // prettier-ignore
  ['get', () => provider.getPayment('pi_1'), 'GET /v1/payment_intents/pi_1', {}],
])('%s asks for what Stripe calls so', async (_name, ask, line, form) => {
  await ask()
  expect(asked).toMatchObject([{ line, form }])
  expect(asked[0]?.form).toEqual(form)
})

test('a declined card is a final no, with the reason and the payment as it is now', async () => {
  const error = { type: 'card_error', code: 'card_declined', decline_code: 'lost_card', message: 'No.', charge: 'ch_1', payment_intent: intent } // prettier-ignore
  answer = { status: 402, body: { error } }
  const refused = await provider.getPayment('pi_1').catch((thrown: unknown) => thrown)
  expect(refused).toBeInstanceOf(ProviderRefused)
  expect(refused).toMatchObject({
    error: { code: 'card_declined', declineCode: 'lost_card', chargeId: 'ch_1' },
    payment: { id: 'pi_1', status: 'requires_payment_method' },
  })
})

test.each([401, 403, 409, 429, 500, 503])('after %i nobody knows: the provider counts as not there', async (status) => {
  answer = { status, body: { error: { type: 'api_error', message: 'Later' } } }
  await expect(provider.getPayment('pi_1')).rejects.toMatchObject({ code: 'dependency_unavailable', status: 503 })
})

test('without a key there is no provider', async () => {
  await expect(createStripeProvider(undefined).getPayment('pi_1')).rejects.toMatchObject({ status: 503 })
})
