import { spawn } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { freePorts } from '@countinghouse/scripts/kit/ports'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { ProviderRefused, type PaymentProvider } from '@countinghouse/wallet-service/payments/provider'
import { createStripeProvider } from '@countinghouse/wallet-service/payments/stripe/adapter'
import { findStripeMock } from './tools.js'

const day = { from: new Date('2026-01-01T00:00:00Z'), until: new Date('2026-01-02T00:00:00Z') }
const order = {
  ...{ paymentId: 'payment-1', amountMinor: 5000n, currency: 'USD', captureMethod: 'manual' as const },
  ...{ paymentMethod: 'pm_card_visa', description: 'A chair' },
}
const refund = { refundId: 'refund-1', providerPaymentId: 'pi_1', amountMinor: 10n, reason: 'duplicate' }
const payout = { reference: 'out-1', amountMinor: 10n, currency: 'USD', destination: 'ba_1', description: 'Rent' }

const first = async (all: AsyncIterable<unknown>): Promise<unknown> => {
  for await (const one of all) return one
  return undefined
}

const asks: Record<keyof PaymentProvider, (provider: PaymentProvider) => Promise<unknown>> = {
  createPayment: (provider) => provider.createPayment(order, 'key-1'),
  confirmPayment: (provider) =>
    provider.confirmPayment('pi_1', { paymentMethod: 'pm_card_visa', returnUrl: 'https://shop.test/' }, 'key-2'),
  capturePayment: (provider) => provider.capturePayment('pi_1', 30n, 'key-3'),
  cancelPayment: (provider) => provider.cancelPayment('pi_1', 'abandoned', 'key-4'),
  getPayment: (provider) => provider.getPayment('pi_1'),
  createRefund: (provider) => provider.createRefund(refund, 'key-5'),
  getRefund: (provider) => provider.getRefund('re_1'),
  findRefund: (provider) => provider.findRefund({ refundId: 'refund-1', providerPaymentId: 'pi_1' }),
  getDispute: (provider) => provider.getDispute('dp_1'),
  answerDispute: (provider) => provider.answerDispute('dp_1', 'It was delivered', 'key-6'),
  acceptDispute: (provider) => provider.acceptDispute('dp_1', 'key-7'),
  createPayout: (provider) => provider.createPayout(payout, 'key-8'),
  getPayout: (provider) => provider.getPayout('po_1'),
  payoutsBetween: (provider) => first(provider.payoutsBetween(day.from, day.until)),
  movementsOf: (provider) => provider.movementsOf('ch_1'),
  movementsBetween: (provider) => first(provider.movementsBetween(day.from, day.until)),
}

const program = findStripeMock()
if (program === undefined) {
  test('NOT CHECKED, for want of stripe-mock: Stripe takes the shape of what is asked', () => undefined)
} else {
  describe('at stripe-mock, which knows Stripe’s own description of its API', () => {
    let provider: PaymentProvider
    let stop: () => Promise<unknown>
    beforeAll(async () => {
      const [port = 0] = await freePorts(1)
      const child = spawn(program, ['-http-addr', `127.0.0.1:${port}`], { stdio: 'ignore' })
      const ended = new Promise((resolve) => child.once('exit', resolve))
      stop = () => (child.kill('SIGKILL'), ended)
      provider = createStripeProvider({ apiKey: 'sk_test_123', apiUrl: `http://127.0.0.1:${port}` })
      await eventually(() => fetch(`http://127.0.0.1:${port}`))
    })
    afterAll(() => stop())

    test.each(Object.entries(asks))(
      '%s asks in a shape that Stripe takes, and reads what Stripe answers',
      async (_name, ask) => {
        await ask(provider)
      },
    )

    test('what is not in that shape is refused', async () => {
      const badly = provider.createPayment({ ...order, captureMethod: 'never' as 'manual' }, 'key-9')
      await expect(badly).rejects.toBeInstanceOf(ProviderRefused)
    })
  })
}
