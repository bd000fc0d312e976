import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { generateKeyPairSync } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { eventually } from '../testing/eventually.js'
import { createKeyFinder } from './authKeys.js'

const jwk = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' })

const auth = { kids: ['one'], asked: 0, mode: 'answers' as 'answers' | 'hangs' | 'fails' }
let server: Server
let url: string
let nowMs: number
beforeAll(async () => {
  server = createServer((_request, response) => {
    auth.asked += 1
    if (auth.mode === 'fails') response.writeHead(500).end()
    if (auth.mode === 'answers') response.end(JSON.stringify({ keys: auth.kids.map((kid) => ({ ...jwk, kid })) }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port.toString()}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
beforeEach(() => {
  nowMs = 1_000_000
  Object.assign(auth, { kids: ['one'], asked: 0, mode: 'answers' })
})
const open = () => createKeyFinder(url, () => nowMs)

test('a key is fetched once, however many ask for it', async () => {
  const find = open()
  const found = await Promise.all([find('one'), find('one'), find('one')])
  expect(new Set(found).size).toBe(1)
  expect(found[0]?.asymmetricKeyType).toBe('rsa')
  expect(auth.asked).toBe(1)
})

test('a new key is found without a restart', async () => {
  const find = open()
  await find('one')
  auth.kids = ['one', 'two']
  nowMs += 5_001
  expect(await find('two')).toBeDefined()
})

test('made-up keys do not make us ask more than once in five seconds', async () => {
  const find = open()
  await find('one')
  for (let index = 0; index < 100; index += 1) expect(await find(`made-up-${index.toString()}`)).toBeUndefined()
  expect(auth.asked).toBe(1)
})

test.each(['hangs', 'fails'] as const)('a known key is given at once when auth-service %s', async (mode) => {
  const find = open()
  const known = await find('one')
  auth.mode = mode
  nowMs += 3_600_000
  for (let index = 0; index < 10; index += 1) expect(find('one')).toBe(known)
  await eventually(() => expect(auth.asked).toBe(2))
  await expect(Promise.resolve(find('one'))).resolves.toBe(known)
})

test('a key that is withdrawn is forgotten once the answer has been renewed', async () => {
  const find = open()
  await find('one')
  auth.kids = ['two']
  nowMs += 60_001
  expect(find('one')).toBeDefined()
  await eventually(() => expect(find('one')).toBeUndefined())
})

test('without any key the caller is told to come again', async () => {
  auth.mode = 'fails'
  await expect(open()('one')).rejects.toMatchObject({ status: 503 })
})
