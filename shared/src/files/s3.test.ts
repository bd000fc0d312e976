import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { openObjectStore } from '../testing/objectStore.js'
import type { Files } from './port.js'
import { createS3Files } from './s3.js'

const HOUR_MS = 3_600_000
const text = Buffer.from('a photo of a bottle')
const photo = { contentType: 'image/png', length: text.length }
const inAnHour = () => new Date(Date.now() + HOUR_MS)

// S3_TEST_ENDPOINT runs the same against a real store, such as MinIO, with these credentials and a bucket `files`.
const storeOf = async () => {
  const own = await openObjectStore()
  return { ...own, endpoint: process.env['S3_TEST_ENDPOINT'] ?? own.endpoint }
}
let store: Awaited<ReturnType<typeof storeOf>>
let files: Files
let expired: Files

beforeAll(async () => {
  store = await storeOf()
  const settings = {
    ...{ S3_BUCKET: 'files', S3_REGION: 'us-east-1', S3_ENDPOINT: store.endpoint },
    ...{ S3_ACCESS_KEY_ID: store.accessKeyId, S3_SECRET_ACCESS_KEY: store.secretAccessKey },
  }
  files = createS3Files({ settings, prefix: 'loan', now: () => new Date() })
  expired = createS3Files({ settings, prefix: 'loan', now: () => new Date(Date.now() - 2 * HOUR_MS) })
})
afterAll(() => store.close())

const newKey = () => `documents/${randomUUID()}.png`
const sendTo = async (url: string, contentType: string, body: Buffer) =>
  (await fetch(url, { method: 'PUT', headers: { 'content-type': contentType }, body: new Uint8Array(body) })).status

describe('a signed upload to S3', () => {
  test('stores the file, and a signed download gives it back by its name and type', async () => {
    const key = newKey()
    const { url, headers } = await files.presignUpload({ ...photo, key, expiresAt: inAnHour() })
    expect(headers).toEqual({ 'content-type': 'image/png', 'content-length': '19' })
    expect(await sendTo(url, 'image/png', text)).toBe(200)
    expect(await files.head(key)).toEqual(photo)
    const named = { key, filename: 'Flasche (groß).png', contentType: 'image/jpeg', expiresAt: inAnHour() }
    const answer = await fetch(await files.presignDownload(named))
    expect(await answer.text()).toBe(text.toString())
    expect(answer.headers.get('content-type')).toBe('image/jpeg')
    expect(answer.headers.get('content-disposition')).toContain("filename*=UTF-8''Flasche%20%28gro%C3%9F%29.png")
  })

  test('takes no other type, no other length and no other file, and nothing after its time', async () => {
    const key = newKey()
    const { url } = await files.presignUpload({ ...photo, key, expiresAt: inAnHour() })
    expect(await sendTo(url, 'text/html', text)).toBe(403)
    expect(await sendTo(url, 'image/png', Buffer.alloc(20))).toBe(403)
    expect(await sendTo(url.replace('.png', '.jpg'), 'image/png', text)).toBe(403)
    const late = await expired.presignUpload({ ...photo, key, expiresAt: new Date(Date.now() - HOUR_MS) })
    expect(await sendTo(late.url, 'image/png', text)).toBe(403)
    expect(await files.head(key)).toBeUndefined()
  })
})

test('files are put, read and removed under the service’s own prefix', async () => {
  const key = newKey()
  for (const body of [text, Readable.from([text])]) {
    await files.put({ ...photo, key, body })
    const found = await files.get(key)
    expect(found && (await buffer(found))).toEqual(text)
  }
  await files.remove(key)
  await files.remove(key)
  expect(await files.get(key)).toBeUndefined()
  await expect(files.put({ ...photo, key: '../auth/secret', body: text })).rejects.toThrow('Not a key of a file')
})
