import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { addFailure, networkOf, secondsToWait, subjectsOf, type Failures } from './domain.js'

const MINUTE_MS = 60_000
const start = new Date('2026-11-21T09:00:00Z')
const after = (ms: number) => new Date(start.getTime() + ms)
const subjects = subjectsOf('hash', '203.0.113.7', false)
/** The delays after each of so many failures, one every `gapMs`. */
const delays = (count: number, gapMs: number, subject = subjects.login) => {
  let failures: Failures | undefined
  return Array.from({ length: count }, (_, index) => {
    const now = after(index * gapMs)
    failures = addFailure(failures, subject, now)
    return secondsToWait([failures], now)
  })
}

describe('failed logins delay the next attempt', () => {
  test('of an account from the fifth on, each twice as long, a quarter of an hour at most', () => {
    expect(delays(17, 0)).toEqual([0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900])
  })

  test('of an address much later, for there may be many behind it', () => {
    const found = delays(33, 0, subjects.address)
    expect(found.filter((seconds) => seconds === 0)).toHaveLength(29)
    expect(found.slice(29)).toEqual([1, 2, 4, 8])
  })

  test('and are forgotten one by one: nobody who errs now and then is ever delayed', () => {
    expect(Math.max(...delays(200, 15 * MINUTE_MS))).toBe(0)
    expect(Math.max(...delays(500, MINUTE_MS, subjects.address))).toBe(0)
  })

  test('but never lock anyone out', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3_600_000 }), { maxLength: 200 }), (gaps) => {
        let failures: Failures | undefined
        let at = 0
        for (const gap of gaps) failures = addFailure(failures, subjects.login, after((at += gap)))
        expect(secondsToWait(failures ? [failures] : [], after(at + 15 * MINUTE_MS))).toBe(0)
      }),
    )
  })

  test('of the user’s own addresses apart from those of others', () => {
    const known = subjectsOf('hash', '203.0.113.7', true)
    expect([known.login.id, subjects.login.id]).toEqual(['login:hash:203.0.113.7', 'login:hash'])
  })

  test.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8::6', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('of a whole IPv6 network together: %s is %s', (address, network) => expect(networkOf(address)).toBe(network))
})
