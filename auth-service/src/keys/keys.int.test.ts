import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createVault, encryptionKeys } from '@countinghouse/shared/crypto'
import { freshDatabase } from '@countinghouse/shared/testing/database'
import { eventually } from '@countinghouse/shared/testing/eventually'
import type { TestService } from '@countinghouse/shared/testing/service'
import jsonwebtoken from 'jsonwebtoken'
import { createPrivateKey, createPublicKey, randomUUID } from 'node:crypto'
import request from 'supertest'
import { endKeyAt } from '../app.js'
import { openOffice, startAuthService, vault } from '../testing/start.js'
import { ensureKeys, openPrivateKey, revokeKey, rotateKeys } from './commands.js'
import { keyEndpoints } from './routes.js'
import { createSigner, type Signer } from './signer.js'
import { signingKeys } from './store.js'

let service: TestService
beforeAll(async () => {
  service = await startAuthService()
})
afterAll(() => service.close())

const storedKeys = () =>
  service.db
    .collection<{ _id: string; status: string; sealedPrivateKey: string }>('signing_keys')
    .find()
    .sort({ _id: 1 })
    .toArray()
const depsWith = (someVault: typeof vault) => ({ db: service.db, vault: someVault, now: () => new Date() })

test('the private key is stored sealed, and opens as the other half of the published one', async () => {
  const stored = await storedKeys()
  expect(JSON.stringify(stored)).not.toContain('PRIVATE')
  expect(stored.map((key) => key.status)).toEqual(['active', 'next'])
  for (const key of stored) expect(key.sealedPrivateKey).toMatch(/^k1\.[\w-]{2000,}$/)
  const active = await ensureKeys(depsWith(vault))
  const privateKey = createPrivateKey(openPrivateKey(vault, active))
  expect(createPublicKey(privateKey).export({ type: 'spki', format: 'pem' })).toBe(active.publicKey)
})

test('anyone may read the public keys, and nothing but them', async () => {
  const stored = await storedKeys()
  for (const path of ['/.well-known/jwks.json', '/api/v1/.well-known/jwks.json']) {
    const answer = await request(service.url).get(path)
    expect(answer.status).toBe(200)
    const key = { kty: 'RSA', alg: 'RS256', use: 'sig', n: expect.any(String), e: 'AQAB' }
    expect(answer.body).toEqual({ keys: stored.map(({ _id }) => ({ ...key, kid: _id })) })
  }
})

test('replicas that start together end with one pair of keys, which a later start finds again', async () => {
  const { db, close } = await freshDatabase(signingKeys)
  const deps = { ...depsWith(vault), db }
  const made = await Promise.all(Array.from({ length: 3 }, () => ensureKeys(deps)))
  const found = await ensureKeys(deps)
  expect(new Set([...made, found].map(({ _id }) => _id)).size).toBe(1)
  expect(await db.collection('signing_keys').countDocuments()).toBe(2)
  await close()
})

test.each(['active', 'next'])('there is never a second %s key, whoever writes it', async (status) => {
  const [stored] = await storedKeys()
  const second = { ...stored, _id: 'second', status }
  await expect(service.db.collection('signing_keys').insertOne(second as never)).rejects.toMatchObject({ code: 11000 })
})

test('a service that lacks the encryption key does not start, and says which one it lacks', async () => {
  const stranger = createVault(encryptionKeys.parse(`k2:${Buffer.alloc(32, 9).toString('base64')}`))
  await expect(createSigner(depsWith(stranger)).prepare()).rejects.toThrow('ENCRYPTION_KEYS has no key "k1"')
})

test('a seal that was moved to another key does not open', async () => {
  const active = await ensureKeys(depsWith(vault))
  expect(() => openPrivateKey(vault, { ...active, _id: 'another' })).toThrow('signing key another does not open')
})

const kidsPublished = async () => {
  const answer = await request(service.url).get('/.well-known/jwks.json')
  return (answer.body as { keys: { kid: string }[] }).keys.map(({ kid }) => kid)
}
const tokenBy = (signer: Signer) => {
  const exp = Math.floor(Date.now() / 1000) + 60
  return signer.sign({ sub: 'service:loan-service', role: 'service', exp, jti: randomUUID() })
}
const kidOf = (token: string) => jsonwebtoken.decode(token, { complete: true })?.header.kid

describe('a rotation', () => {
  const minutesLater = (minutes: number) => () => new Date(Date.now() + minutes * 60_000)

  test('goes unnoticed by every request, in processes that run on', async () => {
    const replicas = [createSigner(depsWith(vault)), createSigner(depsWith(vault))] as const
    await Promise.all(replicas.map((signer) => signer.prepare()))
    const office = openOffice(service)
    const outcomes: string[] = []
    const kids = new Set<string | undefined>()
    let isRotated = false
    const load = async () => {
      for (let after = 0; after < 30; after += isRotated ? 1 : 0) {
        const token = tokenBy(replicas[outcomes.length % 2 ? 1 : 0])
        kids.add(kidOf(token))
        const [caller, answer] = await Promise.all([
          office.authenticate(`Bearer ${token}`),
          request(service.url).get('/auth/revocations').auth(token, { type: 'bearer' }),
        ])
        outcomes.push(`${caller.kind} ${answer.status.toString()}`)
      }
    }
    const loading = load()
    const [active, next] = await kidsPublished()
    await rotateKeys({ ...depsWith(vault), now: minutesLater(10) }, 3_600)
    await replicas[0].prepare()
    isRotated = true
    await loading
    await office.stop()
    expect(new Set(outcomes)).toEqual(new Set(['service 200']))
    expect([...kids]).toEqual([active, next])
    expect(kidOf(tokenBy(replicas[1]))).toBe(active)
    const published = await kidsPublished()
    expect(published.slice(0, 2)).toEqual([active, next])
    expect(published).toHaveLength(3)
  })

  test('of two at the same moment one waits for the other, and then has no key that is known long enough', async () => {
    const rotateSoon = () => rotateKeys({ ...depsWith(vault), now: minutesLater(20) }, 3_600)
    const results = await Promise.allSettled([rotateSoon(), rotateSoon()])
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'key_too_new' } })
    expect((await storedKeys()).map(({ status }) => status)).toEqual(['retired', 'retired', 'active', 'next'])
  })

  test('ends the key that was retired once nothing that it signed can be good any more', async () => {
    const [oldest] = await storedKeys()
    const deps = { db: service.db, now: minutesLater(24 * 60) }
    const view = await keyEndpoints(deps)[0]?.handle({} as never)
    expect((view as { keys: { kid: string }[] }).keys.map(({ kid }) => kid)).not.toContain(oldest?._id)
  })
})

test('a stolen key is good for nothing within seconds, neither what it signed nor what it signs still', async () => {
  const signer = createSigner(depsWith(vault))
  await signer.prepare()
  const [office, token] = [openOffice(service), tokenBy(signer)]
  const stolen = String(kidOf(token))
  const believe = async (shown: string) => (await office.authenticate(`Bearer ${shown}`)).kind
  expect(await believe(token)).toBe('service')

  const active = await revokeKey(
    depsWith(vault),
    stolen,
    endKeyAt(() => new Date()),
  )
  expect(await kidsPublished()).not.toContain(stolen)
  for (const forged of [token, tokenBy(signer)])
    await eventually(() => expect(believe(forged)).rejects.toThrow('Invalid token'), 5_000)
  await signer.prepare()
  expect(kidOf(tokenBy(signer))).toBe(active._id)
  // The service itself notices within seconds which key it signs with now.
  await eventually(async () => expect(await believe(tokenBy(signer))).toBe('service'), 10_000)
  const kept = (await storedKeys()).filter(({ status }) => status !== 'retired')
  expect(kept.map(({ status }) => status)).toEqual(['active', 'next'])
  await office.stop()
})

test('a key that there never was cannot be revoked', async () => {
  const revoking = revokeKey(
    depsWith(vault),
    'made-up',
    endKeyAt(() => new Date()),
  )
  await expect(revoking).rejects.toMatchObject({ code: 'signing_key_not_found' })
})
