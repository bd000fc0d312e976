import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { commonRefusals } from '../refusal.js'
import { startTestService, type TestService } from '../testing/service.js'
import type { Files } from './port.js'

let service: TestService
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
})
afterAll(() => service.close())

const expiresAt = new Date(Date.now() + 60_000)

test('a service takes and gives files under the addresses it signed, JSON too, and of any size', async () => {
  const body = randomBytes(3_000_000)
  const file = { key: 'documents/d1/statement.json', contentType: 'application/json', length: body.length }
  const { url, method, headers } = await files.presignUpload({ ...file, expiresAt })
  expect(url).toMatch(/^\/api\/v1\/files\/loan\/documents\/d1\/statement\.json\?/)
  expect((await fetch(service.url + url, { method, headers, body })).status).toBe(200)
  const link = await files.presignDownload({ ...file, filename: 'statement.json', expiresAt })
  const answer = await fetch(service.url + link)
  expect(Buffer.from(await answer.arrayBuffer()).equals(body)).toBe(true)
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
})

test('an address that was not signed so is answered with a problem', async () => {
  const url = await files.presignDownload({ key: 'd1.pdf', contentType: 'a/b', filename: 'd1.pdf', expiresAt })
  const problemOf = async (path: string, method = 'GET') => {
    const response = await fetch(service.url + path, { method })
    return { status: response.status, ...((await response.json()) as object) }
  }
  expect(await problemOf(url)).toMatchObject({ status: 404, code: 'file_not_found', key: 'd1.pdf' })
  expect(await problemOf(url.replace('d1', 'd2'))).toMatchObject({ status: 403, code: 'signature_invalid' })
  expect(await problemOf(url, 'DELETE')).toMatchObject({ status: 403, code: 'signature_invalid' })
  expect(await problemOf('/files/loan/secret')).toMatchObject({ status: 403 })
})
