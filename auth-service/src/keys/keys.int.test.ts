import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { createVault, encryptionKeys } from '@countinghouse/shared/crypto'
import type { TestService } from '@countinghouse/shared/testing/service'
import { createPrivateKey, createPublicKey } from 'node:crypto'
import request from 'supertest'
import { startAuthService, vault } from '../testing/start.js'
import { ensureActiveKey, openPrivateKey } from './commands.js'
import { createSigner } from './signer.js'

let service: TestService
beforeAll(async () => {
  service = await startAuthService()
})
afterAll(() => service.close())
beforeEach(async () => {
  if ((await storedKeys()).length === 0) await ensureActiveKey(depsWith(vault))
})

const storedKeys = () => service.db.collection<{ _id: string }>('signing_keys').find().toArray()
const depsWith = (someVault: typeof vault) => ({ db: service.db, vault: someVault, now: () => new Date() })

test('the private key is stored sealed, and opens as the other half of the published one', async () => {
  const stored = await storedKeys()
  expect(JSON.stringify(stored)).not.toContain('PRIVATE')
  expect(stored).toMatchObject([{ status: 'active', sealedPrivateKey: expect.stringMatching(/^k1\.[\w-]{2000,}$/) }])
  const active = await ensureActiveKey(depsWith(vault))
  const privateKey = createPrivateKey(openPrivateKey(vault, active))
  expect(createPublicKey(privateKey).export({ type: 'spki', format: 'pem' })).toBe(active.publicKey)
})

test('anyone may read the public keys, and nothing but them', async () => {
  const [stored] = await storedKeys()
  for (const path of ['/.well-known/jwks.json', '/api/v1/.well-known/jwks.json']) {
    const answer = await request(service.url).get(path)
    expect(answer.status).toBe(200)
    const key = { kty: 'RSA', kid: stored?._id, alg: 'RS256', use: 'sig', n: expect.any(String), e: 'AQAB' }
    expect(answer.body).toEqual({ keys: [key] })
  }
})

test('replicas that start together end with one key, which a later start finds again', async () => {
  await service.db.collection('signing_keys').deleteMany({})
  const made = await Promise.all(Array.from({ length: 6 }, () => ensureActiveKey(depsWith(vault))))
  const found = await ensureActiveKey(depsWith(vault))
  expect(new Set([...made, found].map(({ _id }) => _id)).size).toBe(1)
  expect(await storedKeys()).toHaveLength(1)
})

test('there is never a second active key, whoever writes it', async () => {
  const [stored] = await storedKeys()
  const second = { ...stored, _id: 'second' }
  await expect(service.db.collection('signing_keys').insertOne(second as never)).rejects.toMatchObject({ code: 11000 })
})

test('a service that lacks the encryption key does not start, and says which one it lacks', async () => {
  const stranger = createVault(encryptionKeys.parse(`k2:${Buffer.alloc(32, 9).toString('base64')}`))
  await expect(createSigner(depsWith(stranger)).prepare()).rejects.toThrow('ENCRYPTION_KEYS has no key "k1"')
})

test('a seal that was moved to another key does not open', async () => {
  const active = await ensureActiveKey(depsWith(vault))
  expect(() => openPrivateKey(vault, { ...active, _id: 'another' })).toThrow('signing key another does not open')
})
