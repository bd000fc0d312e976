import { expect, test } from '@jest/globals'
import type { RevocationKind } from '../contracts/revocation.js'
import { uuidv7 } from '../uuid.js'
import { createRevoked } from './authRevoked.js'

const expiresAt = new Date('2026-11-21T10:00:00Z')
const notice = (kind: RevocationKind, subject: string) => ({
  id: uuidv7(),
  kind,
  subject,
  expires_at: expiresAt.toISOString(),
})
const session = (sessionId: string) => ({
  caller: { kind: 'user', userId: 'asha', username: 'asha', role: 'customer', sessionId } as const,
})

test('a session that was ended is refused, and no other', () => {
  const revoked = createRevoked()
  revoked.add(notice('session', 'one'))
  expect(() => revoked.assertNotRevoked(session('one'))).toThrow('Invalid token')
  expect(() => revoked.assertNotRevoked(session('two'))).not.toThrow()
})

test('of a user all sessions end that began before, and none that begins in the same millisecond after', () => {
  const revoked = createRevoked()
  const before = Array.from({ length: 100 }, () => uuidv7())
  revoked.add(notice('user', 'asha'))
  const after = Array.from({ length: 100 }, () => uuidv7())
  for (const id of before) expect(() => revoked.assertNotRevoked(session(id))).toThrow('Invalid token')
  for (const id of after) expect(() => revoked.assertNotRevoked(session(id))).not.toThrow()
})

test('a user who is gone is told so', () => {
  const revoked = createRevoked()
  const before = uuidv7()
  revoked.add(notice('user_gone', 'asha'))
  expect(() => revoked.assertNotRevoked(session(before))).toThrow('User not found')
})

test('an earlier revocation that arrives late takes nothing back', () => {
  const revoked = createRevoked()
  const earlier = notice('user', 'asha')
  const between = uuidv7()
  revoked.add(notice('user', 'asha'))
  revoked.add(earlier)
  expect(() => revoked.assertNotRevoked(session(between))).toThrow('Invalid token')
})

test('a key that was revoked is refused; a service has nothing that could be', () => {
  const revoked = createRevoked()
  revoked.add(notice('api_key', 'key-1'))
  const key = { kind: 'apiKey', keyId: 'key-1', name: 'Shop', scopes: [] } as const
  expect(() => revoked.assertNotRevoked({ caller: key })).toThrow('Invalid API key')
  expect(() => revoked.assertNotRevoked({ caller: { ...key, keyId: 'key-2' } })).not.toThrow()
  expect(() => revoked.assertNotRevoked({ caller: { kind: 'service', name: 'key-1' } })).not.toThrow()
})

test('of a signing key all tokens are refused, of users and of services, however long they were to last', () => {
  const revoked = createRevoked()
  revoked.add(notice('signing_key', 'stolen'))
  revoked.sweep(Number.POSITIVE_INFINITY)
  const callers = [session('one').caller, { kind: 'service', name: 'loan-service' } as const]
  for (const caller of callers) {
    expect(() => revoked.assertNotRevoked({ caller, signedBy: 'stolen' })).toThrow('Invalid token')
    expect(() => revoked.assertNotRevoked({ caller, signedBy: 'another' })).not.toThrow()
  }
})

test('what has run out by itself is forgotten', () => {
  const revoked = createRevoked()
  revoked.add(notice('session', 'one'))
  revoked.sweep(expiresAt.getTime() - 1)
  expect(revoked.size()).toBe(1)
  revoked.sweep(expiresAt.getTime())
  expect(revoked.size()).toBe(0)
  expect(() => revoked.assertNotRevoked(session('one'))).not.toThrow()
})
