import { expect, test } from '@jest/globals'
import { anonymous, type Caller } from '@countinghouse/shared/http/caller'
import { refuse } from '@countinghouse/shared/refusal'
import { rememberVerified } from './remember.js'

const caller: Caller = { kind: 'service', name: 'loan-service' }
const tokenUntil = (seconds: number) =>
  `Bearer h.${Buffer.from(JSON.stringify({ exp: seconds })).toString('base64url')}.s`

const office = (verdict: () => Caller = () => caller) => {
  const desk = { nowMs: 1_000_000, verified: 0 }
  const authenticate = rememberVerified(
    async (authorization) => {
      if (authorization === undefined) return anonymous
      desk.verified += 1
      return verdict()
    },
    () => desk.nowMs,
  )
  return { desk, authenticate }
}

test('a token is verified once a minute', async () => {
  const { desk, authenticate } = office()
  const token = tokenUntil(5_000)
  for (const nowMs of [1_000_000, 1_000_001, 1_059_999]) {
    desk.nowMs = nowMs
    expect(await authenticate(token)).toBe(caller)
  }
  expect(desk.verified).toBe(1)
  desk.nowMs = 1_060_000
  await authenticate(token)
  expect(desk.verified).toBe(2)
})

test('a token is never believed past its end', async () => {
  const { desk, authenticate } = office()
  await authenticate(tokenUntil(1_010))
  desk.nowMs = 1_010_000
  await authenticate(tokenUntil(1_010))
  expect(desk.verified).toBe(2)
})

test('a refusal is not remembered', async () => {
  let isGood = false
  const { authenticate } = office(() => {
    if (!isGood) throw refuse('invalid_token')
    return caller
  })
  await expect(authenticate(tokenUntil(5_000))).rejects.toThrow('Invalid token')
  isGood = true
  expect(await authenticate(tokenUntil(5_000))).toBe(caller)
})

test('the memory is bounded, and forgets the oldest first', async () => {
  const { desk, authenticate } = office()
  for (let second = 5_000; second <= 15_000; second += 1) await authenticate(tokenUntil(second))
  expect(desk.verified).toBe(10_001)
  await authenticate(tokenUntil(15_000))
  expect(desk.verified).toBe(10_001)
  await authenticate(tokenUntil(5_000))
  expect(desk.verified).toBe(10_002)
})

test('no token is anonymous', async () => {
  expect(await office().authenticate(undefined)).toBe(anonymous)
})
