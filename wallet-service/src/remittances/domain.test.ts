import { expect, test } from '@jest/globals'
import { changeByHand, mayBecome, newRemittance, REMITTANCE_STATUSES, stepTo, type Recipient } from './domain.js'

const now = new Date('2026-11-21T09:30:00Z')
const bank: Recipient = { kind: 'bank', account: 'ba_success', name: 'Ben' }
const sent = (recipient: Recipient = bank) =>
  newRemittance(
    {
      ...{
        _id: 'one',
        userId: 'ann',
        recipient,
        amountMinor: 100n,
        description: null,
        day: '2026-11-21',
        actor: 'user:ann',
      },
      wallet: { _id: 'wallet', ownerId: 'ann', currency: 'USD' },
    },
    now,
  )
const by = (status: (typeof REMITTANCE_STATUSES)[number]) => ({ status, actor: 'user:admin', reason: 'asked for' })

test('to a wallet it is completed at once, and stays so', () => {
  const remittance = sent({ kind: 'wallet', walletId: 'other' })
  expect([remittance.status, remittance.dueAt]).toEqual(['completed', null])
  expect(REMITTANCE_STATUSES.filter((status) => mayBecome(remittance, status))).toEqual([])
})

test('out, it goes to the provider, ends there, and may still come back', () => {
  const onItsWay = stepTo(sent(), by('processing'), now)
  const [paid, failed] = [stepTo(onItsWay, by('completed'), now), stepTo(onItsWay, by('failed'), now)]
  expect(stepTo(paid, by('returned'), now).history.map(({ status }) => status)).toEqual(['pending', 'processing', 'completed', 'returned']) // prettier-ignore
  expect(REMITTANCE_STATUSES.filter((status) => mayBecome(failed, status))).toEqual([])
})

test('it is cancelled only before the provider is asked; while the provider has not answered, nobody decides for it', () => {
  expect(changeByHand(sent(), by('cancelled'), now).status).toBe('cancelled')
  const asked = stepTo(sent(), by('processing'), now)
  for (const status of ['cancelled', 'failed', 'completed'] as const)
    expect(() => changeByHand(asked, by(status), now)).toThrow('cannot become')
  expect(changeByHand({ ...asked, payoutId: 'po_1' }, by('failed'), now).status).toBe('failed')
})
