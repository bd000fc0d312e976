import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Refusal } from '../refusal.js'
import { eventually } from '../testing/eventually.js'
import { createFileServer, createLocalFiles } from './local.js'
import { createFileStore } from './store.js'

const HOUR_MS = 3_600_000
const text = Buffer.from('a photo of a bottle')
const photo = { key: 'products/p1/front.png', contentType: 'image/png', length: text.length }

let folder: string
let server: Server
let now = new Date('2026-11-21T10:00:00Z')
const inAnHour = new Date(now.getTime() + HOUR_MS)
let files: ReturnType<typeof createLocalFiles>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'files-'))
  const store = createFileStore(folder)
  const answer = createFileServer({ store, now: () => now })
  server = createServer((request, response) => {
    request.url = request.url?.replace('/api/v1/files/loan', '')
    answer(request, response).catch((error: unknown) => {
      if (!(error instanceof Refusal)) throw error
      response.writeHead(error.status).end(error.code)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const publicUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  files = createLocalFiles({ store, path: '/files/loan', publicUrl })
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await rm(folder, { recursive: true })
})

type Call = { method?: string; headers?: Record<string, string>; body?: Buffer | Readable }

const call = async (url: string, { method = 'PUT', headers = {}, body }: Call) => {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = httpRequest(url, { method, headers }, resolve).on('error', reject)
    if (body instanceof Readable) body.pipe(sent)
    else sent.end(body)
  })
  return { status: response.statusCode, headers: response.headers, text: (await buffer(response)).toString() }
}
const upload = (more: Partial<typeof photo & { expiresAt: Date }> = {}) =>
  files.presignUpload({ ...photo, expiresAt: inAnHour, ...more })
const changed = (url: string, change: (url: URL) => void): string => {
  const other = new URL(url)
  change(other)
  return other.href
}

describe('a signed upload', () => {
  test('stores the file as a whole, and a signed download gives it back by its name and type', async () => {
    const { url, method, headers } = await upload()
    expect(await call(url, { method, headers, body: text })).toMatchObject({ status: 200 })
    expect(await files.head(photo.key)).toEqual({ contentType: 'image/png', length: text.length })
    const found = await files.get(photo.key)
    expect(found && (await buffer(found))).toEqual(text)
    const link = await files.presignDownload({ ...photo, filename: 'Flasche "groß".png', expiresAt: inAnHour })
    const answer = await call(link, { method: 'GET' })
    expect(answer).toMatchObject({ status: 200, text: text.toString() })
    expect(answer.headers).toMatchObject({
      'content-type': 'image/png',
      'content-length': text.length.toString(),
      'content-disposition': `attachment; filename="Flasche _gro__.png"; filename*=UTF-8''Flasche%20%22gro%C3%9F%22.png`,
    })
  })

  test.each([
    ['another type', 403, { 'content-type': 'text/html' }, text],
    ['more bytes', 413, { 'content-length': '20' }, Buffer.alloc(20)],
    ['fewer bytes', 400, { 'content-length': '3' }, Buffer.alloc(3)],
    ['bytes of untold length', 411, { 'content-length': undefined }, Readable.from([text])],
  ])('does not take %s', async (_case, status, wrong, body) => {
    const { url, headers } = await upload({ key: 'refused.png' })
    const sent = Object.entries({ ...headers, ...wrong }).filter(([, value]) => value !== undefined)
    expect(await call(url, { headers: Object.fromEntries(sent) as Record<string, string>, body })).toMatchObject({
      status,
    })
    expect(await files.head('refused.png')).toBeUndefined()
  })

  test('that breaks off leaves nothing behind', async () => {
    const { url, headers } = await upload({ key: 'broken.png', length: 1_000_000 })
    const sent = httpRequest(url, { method: 'PUT', headers })
    sent.on('error', () => undefined)
    await new Promise((resolve) => sent.write(Buffer.alloc(100_000), resolve))
    await eventually(async () => expect(await readdir(join(folder, 'drafts'))).toHaveLength(1))
    sent.destroy()
    await eventually(async () => expect(await readdir(join(folder, 'drafts'))).toEqual([]))
    expect(await files.head('broken.png')).toBeUndefined()
  })

  test('is of no use after its time, for another file, another length, another method or with another signature', async () => {
    const { url, headers } = await upload({ key: 'mine.png' })
    const misuses = [
      changed(url, (it) => (it.pathname = it.pathname.replace('mine', 'yours'))),
      changed(url, (it) => (it.pathname = it.pathname.replace('mine.png', '%2e%2e%2fsecret'))),
      changed(url, (it) => it.searchParams.set('length', '9000')),
      changed(url, (it) => it.searchParams.set('type', 'text/html')),
      changed(url, (it) => it.searchParams.set('expires', '99999999999999')),
      changed(url, (it) => it.searchParams.set('signature', 'AAAA')),
      changed(url, (it) => it.searchParams.delete('signature')),
    ]
    for (const misuse of misuses)
      expect([misuse, (await call(misuse, { headers, body: text })).status]).toEqual([misuse, 403])
    expect(await call(url, { method: 'GET' })).toMatchObject({ status: 403 })
    const before = now
    now = inAnHour
    expect(await call(url, { headers, body: text })).toMatchObject({ status: 403, text: 'signature_expired' })
    now = before
  })
})

test.each(['../secret', '/etc/passwd', 'a//b', 'a/../b', '.hidden', 'a/.b', 'a\\..\\b', 'a\0b', '', 'a/', 'ä'])(
  'no file is ever called %j',
  async (key) => {
    await expect(files.put({ ...photo, key, body: text })).rejects.toThrow('Not a key of a file')
    await expect(upload({ key })).rejects.toThrow('Not a key of a file')
  },
)

test('a removed file is gone, and an address of it says so', async () => {
  await files.put({ ...photo, key: 'old.png', body: text })
  await files.remove('old.png')
  await files.remove('old.png')
  expect(await files.get('old.png')).toBeUndefined()
  const link = await files.presignDownload({ ...photo, key: 'old.png', filename: 'x', expiresAt: inAnHour })
  expect(await call(link, { method: 'GET' })).toMatchObject({ status: 404, text: 'file_not_found' })
})

test('two processes that share a folder share its secret, and no draft stays in it', async () => {
  const [one, other] = await Promise.all([createFileStore(folder).secret(), createFileStore(folder).secret()])
  expect(one).toEqual(other)
  expect(one).toEqual(await readFile(join(folder, 'secret')))
  expect(await readdir(join(folder, 'drafts'))).toEqual([])
})
