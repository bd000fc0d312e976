import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { ProviderPayment } from '../provider.js'
import { decideAsk, isFinal, newPayment, type Payment, type PaymentStatus } from './payment.js'
import { decideSeen } from './seen.js'

const now = new Date('2026-11-21T09:30:00Z')
const at = (second: number) => new Date(now.getTime() + second * 1000)
const begun = newPayment(
  {
    ...{ paymentId: 'payment', by: 'user:ann', ownerId: 'ann', purpose: { kind: 'wallet_topup', id: 'wallet' } },
    ...{ amountMinor: 5000n, currency: 'USD', captureMethod: 'automatic', method: 'card', paymentMethod: null },
    ...{ description: null, walletId: 'wallet', claim: null, confirm: undefined },
  },
  now,
)
const said = (status: PaymentStatus, more: Partial<ProviderPayment> = {}): ProviderPayment => ({
  ...{ id: 'pi', paymentId: 'payment', status, amountMinor: 5000n, amountCapturableMinor: 0n, currency: 'USD' },
  ...{ amountReceivedMinor: status === 'succeeded' ? 5000n : 0n, clientSecret: 'secret', nextAction: null },
  ...{ lastError: null, chargeId: 'ch', cancellationReason: null, ...more },
})
const hear = (payment: Payment, told: ProviderPayment, second: number) =>
  decideSeen(payment, { payment: told, asOf: at(second), by: 'provider' }, now)
const statusesOf = ({ history }: Payment) => history.map(({ status }) => status)

test('a late `processing` never undoes `succeeded`, and nothing undoes `canceled`', () => {
  const paid = hear(begun, said('succeeded'), 5)
  for (const status of ['processing', 'requires_action', 'requires_payment_method', 'canceled'] as const)
    expect(hear(paid, said(status), 9)).toBe(paid)
  const canceled = hear(begun, said('canceled'), 5)
  expect(hear(canceled, said('succeeded'), 9)).toBe(canceled)
})

test('what may be old and says otherwise is no news, but a reason to ask at once', () => {
  const waiting = hear(begun, said('requires_action'), 5)
  const told = hear(waiting, said('requires_payment_method'), 5)
  expect([told.status, told.lookAt]).toEqual(['requires_action', now])
})

test('each declined attempt is written down once, however often it is told', () => {
  const declined = (chargeId: string) =>
    said('requires_payment_method', {
      lastError: { code: 'card_declined', declineCode: 'lost_card', message: 'No', chargeId },
    })
  let payment = hear(begun, declined('ch_1'), 1)
  for (const second of [1, 2, 3]) payment = hear(payment, declined('ch_1'), second)
  expect(hear(payment, declined('ch_2'), 4).history.map(({ note }) => note)).toEqual([null, 'lost_card', 'lost_card'])
})

test('the answer to one question leaves another open', () => {
  const created = decideSeen(begun, { payment: said('requires_payment_method'), asOf: at(1), by: 'x', answers: begun.asked?.key ?? '' }, now) // prettier-ignore
  expect(created.asked).toBeNull()
  const ask = { kind: 'confirm', paymentMethod: 'pm', returnUrl: null } as const
  const asked = decideAsk(created, { ask, by: 'x', claimId: undefined }, now)
  expect(decideSeen(asked, { payment: said('processing'), asOf: at(2), by: 'x', answers: begun.asked?.key ?? '' }, now).asked).toEqual(asked.asked) // prettier-ignore
})

const OPEN: PaymentStatus[] = ['requires_payment_method', 'requires_confirmation', 'requires_action', 'processing', 'requires_capture'] // prettier-ignore

test('events in whatever order, each however often: the end is the same, money comes once, and what is unsure is asked', () => {
  const life = fc.record({
    open: fc.array(fc.constantFrom(...OPEN), { maxLength: 6 }),
    end: fc.constantFrom<PaymentStatus | undefined>('succeeded', 'canceled', undefined),
    // How many seconds lie between one event and the next; events of one second cannot be told apart.
    gaps: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 7, maxLength: 7 }),
  })
  const delivered = life.chain(({ open, end, gaps }) => {
    const states = [...open, ...(end ? [end] : [])]
    const events = states.map((status, index) => ({
      status,
      second: gaps.slice(0, index + 1).reduce((sum, gap) => sum + gap, 1),
    }))
    const again = events.length > 0 ? fc.array(fc.constantFrom(...events), { maxLength: 12 }) : fc.constant([])
    return fc.tuple(fc.constant(events), fc.shuffledSubarray(events, { minLength: events.length }), again)
  })
  fc.assert(
    fc.property(delivered, ([events, all, again]) => {
      let payment = begun
      for (const { status, second } of [...all, ...again]) {
        const before = payment
        payment = hear(payment, said(status), second)
        expect(payment.version).toBe(payment === before ? before.version : before.version + 1)
      }
      const last = events.at(-1)
      if (!last) return
      if (isFinal(last.status)) {
        expect(payment.status).toBe(last.status)
        expect(statusesOf(payment).filter(isFinal)).toEqual([last.status])
      } else expect(payment.status === last.status || payment.lookAt?.getTime() === now.getTime()).toBe(true)
    }),
    { numRuns: 500 },
  )
})
