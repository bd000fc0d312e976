import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { randomBytes } from 'node:crypto'
import { createVault, encryptionKeys } from './crypto.js'

const newKey = (id: string) => `${id}:${randomBytes(32).toString('base64')}`
const [first, second] = [newKey('k1'), newKey('k2')]
const vaultOf = (...keys: string[]) => createVault(encryptionKeys.parse(keys.join(',')))
const vault = vaultOf(first)

test('what was sealed opens as it was, and is not to be seen in the seal', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 4, unit: 'grapheme' }), fc.string(), (secret, context) => {
      const sealed = vault.seal(secret, context)
      expect(vault.open(sealed, context)).toBe(secret)
      expect(sealed).toMatch(/^k1\.[\w-]+$/)
      expect(Buffer.from(sealed.slice(3), 'base64url').includes(secret)).toBe(false)
    }),
  )
})

test('the same secret never has the same seal twice', () => {
  expect(vault.seal('secret', 'card 1')).not.toBe(vault.seal('secret', 'card 1'))
})

test('a new first key seals from now on, and what the old one sealed still opens', () => {
  const old = vault.seal('secret', 'card 1')
  const renewed = vaultOf(second, first)
  expect(renewed.open(old, 'card 1')).toBe('secret')
  expect(renewed.seal('secret', 'card 1')).toMatch(/^k2\./)
})

test('a seal opens in no other place than the one it was made for', () => {
  expect(() => vault.open(vault.seal('secret', 'card 1'), 'card 2')).toThrow('card 2 does not open')
})

test('a seal of which any byte was changed does not open', () => {
  const [, box = ''] = vault.seal('secret', 'card 1').split('.')
  const bytes = Buffer.from(box, 'base64url')
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes)
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at)
    expect(() => vault.open(`k1.${changed.toString('base64url')}`, 'card 1')).toThrow('card 1 does not open')
  }
})

test.each(['', 'k1', 'k1.', 'k1.AAAA', 'k1.AAAAAAAAAAAAAAAAAAAAAAAAAAAA'])('"%s" is no seal', (sealed) => {
  expect(() => vault.open(sealed, 'card 1')).toThrow(/card 1/)
})

test('a key that is missing is called by its name', () => {
  expect(() => vaultOf(second).open(vault.seal('secret', 'card 1'), 'card 1')).toThrow(
    'ENCRYPTION_KEYS has no key "k1"',
  )
})

test('another key of the same name does not open', () => {
  expect(() => vaultOf(newKey('k1')).open(vault.seal('secret', 'card 1'), 'card 1')).toThrow('another key of this name')
})

describe('the setting says what is wrong with it, and never what the key is', () => {
  const secret = randomBytes(16).toString('base64')
  test.each([
    ['no key', '', 'key 1 must look like'],
    ['no name', randomBytes(32).toString('base64'), 'key 1 must look like'],
    ['a short key', `k1:${secret}`, 'key 1 must look like'],
    ['a short second key', `${first},k0:${secret}`, 'key 2 must look like'],
    ['not base64', `k1:${'!'.repeat(44)}`, 'key 1 must look like'],
    ['one name twice', `${first},${newKey('k1')}`, 'each key needs a name of its own'],
  ])('%s', (_, setting, problem) => {
    const message = encryptionKeys
      .safeParse(setting)
      .error?.issues.map((issue) => issue.message)
      .join()
    expect(message).toContain(problem)
    expect(message).not.toContain(secret)
  })
})
