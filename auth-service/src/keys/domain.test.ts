import { expect, test } from '@jest/globals'
import { decideRotation, type SigningKey } from './domain.js'

const now = new Date('2026-11-21T10:00:00Z')
const keyMade = (secondsAgo: number, status: SigningKey['status']): SigningKey => ({
  ...{ _id: status, status, publicKey: 'public', sealedPrivateKey: 'sealed', expiresAt: null },
  createdAt: new Date(now.getTime() - secondsAgo * 1000),
})
const rotation = (nextMadeSecondsAgo: number) => ({
  active: keyMade(86_400, 'active'),
  next: keyMade(nextMadeSecondsAgo, 'next'),
  accessSeconds: 3_600,
})

test('the next key takes over; the one before it stays published longer than anything that it signed', () => {
  const { retired, active } = decideRotation(rotation(120), now)
  expect(active).toMatchObject({ _id: 'next', status: 'active', expiresAt: null })
  expect(retired).toMatchObject({ _id: 'active', status: 'retired' })
  expect(retired.expiresAt.getTime()).toBeGreaterThan(now.getTime() + 3_600_000)
})

test('no key signs before every process has had the time to read it', () => {
  expect(() => decideRotation(rotation(100), now)).toThrow('try again in 20 s')
})
