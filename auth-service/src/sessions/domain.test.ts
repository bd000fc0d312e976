import { describe, expect, test } from '@jest/globals'
import { claimsOf, createRefreshToken, createSession, judgeUse, prolong } from './domain.js'

const now = new Date('2026-11-21T09:00:00.750Z')
const later = (seconds: number) => new Date(now.getTime() + seconds * 1000)
const HOUR = 3600
const DAY = 24 * HOUR
const sessionOf = (role: 'customer' | 'staff') =>
  createSession(
    { id: 's', user: { _id: 'u', role }, visit: { device: 'x'.repeat(300), address: 'a' }, restSeconds: 30 * DAY },
    now,
  )

describe('a refresh token', () => {
  const fresh = createRefreshToken('hash', sessionOf('customer'), now)
  const retired = { ...fresh, retiredAt: now, sealedSuccessor: 'sealed' }
  test.each([
    ['is used first', fresh, later(DAY), 'first'],
    ['is repeated within ten seconds', retired, later(10), 'repeat'],
    ['is used again after that', retired, later(10.001), 'reuse'],
    ['opens nothing any more', { ...retired, sealedSuccessor: null }, later(1), 'reuse'],
    ['ran out', fresh, later(30 * DAY), 'expired'],
    ['ran out when it was retired already', retired, later(31 * DAY), 'expired'],
  ])('%s', (_, token, at, use) => expect(judgeUse(token, at)).toBe(use))
})

describe('a session', () => {
  test('of a customer rests 30 days at most, and goes on when it is used', () => {
    const session = sessionOf('customer')
    expect(session).toMatchObject({ expiresAt: later(30 * DAY), endsAt: null, device: 'x'.repeat(256) })
    expect(prolong(session, 'b', 30 * DAY, later(DAY))).toMatchObject({ expiresAt: later(31 * DAY), address: 'b' })
  })

  test('of staff ends after a day, used or not, and so do its access tokens', () => {
    const session = prolong(sessionOf('staff'), 'a', 30 * DAY, later(23.5 * HOUR))
    expect(session.expiresAt).toEqual(later(DAY))
    const { iat, exp } = claimsOf(session, { role: 'staff', username: 'x' } as never, HOUR, later(23.5 * HOUR))
    expect(exp - iat).toBe(0.5 * HOUR)
  })
})
