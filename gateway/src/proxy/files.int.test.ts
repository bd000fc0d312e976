import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Files } from '@countinghouse/shared/files/port'
import { commonRefusals } from '@countinghouse/shared/refusal'
import { startTestService, type TestService } from '@countinghouse/shared/testing/service'
import { startTestGateway, type TestGateway } from '../testing/gateway.js'

let service: TestService
let gateway: TestGateway
let files: Files
beforeAll(async () => {
  service = await startTestService({
    name: 'loan-service',
    readSettings: () => undefined as never,
    refusals: commonRefusals,
    migrations: [],
    build: (kit) => {
      files = kit.files
      return { endpoints: [] }
    },
  })
  gateway = await startTestGateway({ LOAN_URL: service.url })
})
afterAll(async () => {
  await gateway.stop()
  await service.close()
})

const expiresAt = new Date(Date.now() + 60_000)
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

test('who has the signed address of a file stores and reads it through the gateway, with any token or none', async () => {
  const body = randomBytes(5_000_000)
  const photo = { key: 'documents/p1.png', contentType: 'image/png', length: body.length }
  const { url, method, headers } = await files.presignUpload({ ...photo, expiresAt })
  const stale = { authorization: 'Bearer stale' }
  expect((await fetch(gateway.url + url, { method, headers: { ...headers, ...stale }, body })).status).toBe(200)
  const answer = await fetch(gateway.url + (await files.presignDownload({ ...photo, filename: 'p1.png', expiresAt })))
  expect(sha256(new Uint8Array(await answer.arrayBuffer()))).toBe(sha256(body))
  expect(answer.headers.get('content-disposition')).toContain('p1.png')
})

test('another length or type than was signed is refused through the gateway as well', async () => {
  const photo = { key: 'documents/p2.png', contentType: 'image/png', length: 10 }
  const { url, method } = await files.presignUpload({ ...photo, expiresAt })
  const sent = async (type: string, length: number) =>
    (await fetch(gateway.url + url, { method, headers: { 'content-type': type }, body: randomBytes(length) })).status
  expect([await sent('image/gif', 10), await sent('image/png', 9), await sent('image/png', 50_000)]).toEqual([
    403, 400, 413,
  ])
  expect(await files.head(photo.key)).toBeUndefined()
})
