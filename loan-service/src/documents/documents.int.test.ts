import { request as httpRequest, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { loanDocumentStored } from '@countinghouse/shared/contracts/loan'
import { createFileStore } from '@countinghouse/shared/files/store'
import { createLocalFiles } from '@countinghouse/shared/files/local'
import { native, readsOn } from '@countinghouse/shared/mongo/transaction'
import { announced } from '@countinghouse/shared/testing/events'
import { openObjectStore, type ObjectStore } from '@countinghouse/shared/testing/objectStore'
import { uniqueName } from '@countinghouse/shared/testing/servers'
import { atOnce, openLoanHouse, type LoanHouse } from '../testing/house.js'
import { clearAbandoned, type Deps } from './commands.js'
import { loanDocuments } from './store.js'

const payslip = Buffer.from('%PDF-1.7 a payslip')
const body = { filename: 'Lohn März.pdf', content_type: 'application/pdf', size: payslip.length }

type Announced = { id: string; upload_url: string; upload_headers: Record<string, string> }

const add = (house: LoanHouse, loanId: string, more: object = {}, userId = 'ann') =>
  house.call('post', `/loans/${loanId}/documents`, { role: 'customer', userId, body: { ...body, ...more } })
const complete = (house: LoanHouse, loanId: string, id: string, userId = 'ann') =>
  house.call('post', `/loans/${loanId}/documents/${id}/complete`, { role: 'customer', userId, body: {} })
const list = (house: LoanHouse, loanId: string, role: 'customer' | 'staff' = 'customer', userId = 'ann') =>
  house.call('get', `/loans/${loanId}/documents`, { role, userId })

const send = async (
  house: LoanHouse,
  url: string,
  { method = 'PUT', headers = {}, file }: { method?: string; headers?: object; file?: Buffer },
) => {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = httpRequest(new URL(url, house.url), { method, headers: { ...headers } }, resolve)
    sent.on('error', reject).end(file)
  })
  return { status: response.statusCode, headers: response.headers, body: (await buffer(response)).toString() }
}
const upload = (house: LoanHouse, { upload_url, upload_headers }: Announced, file = payslip) =>
  send(house, upload_url, { headers: upload_headers, file })

const folder = join(tmpdir(), uniqueName('files'))
let bucket: ObjectStore
const houses: Partial<Record<'folder' | 'bucket', LoanHouse>> = {}
beforeAll(async () => {
  bucket = await openObjectStore()
  const s3 = {
    ...{ S3_BUCKET: 'files', S3_REGION: 'us-east-1' },
    // A real store, where there is one; as for the files of `shared`.
    S3_ENDPOINT: process.env['S3_TEST_ENDPOINT'] ?? bucket.endpoint,
    ...{ S3_ACCESS_KEY_ID: bucket.accessKeyId, S3_SECRET_ACCESS_KEY: bucket.secretAccessKey },
  }
  houses.folder = await openLoanHouse({ FILES_FOLDER: folder })
  houses.bucket = await openLoanHouse(s3)
})
afterAll(async () => {
  for (const house of Object.values(houses)) await house.close()
  await bucket.close()
})

const newLoan = async (where: keyof typeof houses, userId: string): Promise<[LoanHouse, string]> => {
  const house = houses[where]
  if (!house) throw new Error('The house is not open')
  return [house, (await house.apply(userId)).body.id]
}

describe.each(['folder', 'bucket'] as const)('with files in a %s', (where) => {
  let house: LoanHouse
  let loanId: string
  beforeAll(async () => {
    ;[house, loanId] = await newLoan(where, 'ann')
  })

  test('a document is announced, uploaded, handed in once, and read under a signed address', async () => {
    const added = await add(house, loanId)
    expect(added).toMatchObject({ status: 201, body: { ...body, status: 'PENDING', download_url: null } })
    expect((await complete(house, loanId, added.body.id)).body.code).toBe('document_not_uploaded')
    expect(await upload(house, added.body)).toMatchObject({ status: 200 })
    const answers = await atOnce(3, () => complete(house, loanId, added.body.id))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    const [document] = (await list(house, loanId, 'staff', 'someone')).body
    expect(document).toMatchObject({
      id: added.body.id,
      status: 'STORED',
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    for (const { body: answer } of answers)
      expect({ ...answer, download_url: 0, download_expires_at: 0 }).toEqual({ ...document, download_url: 0, download_expires_at: 0 }) // prettier-ignore
    const read = await send(house, document.download_url, { method: 'GET' })
    expect(read).toMatchObject({
      status: 200,
      body: payslip.toString(),
      headers: { 'content-type': body.content_type },
    })
    expect(read.headers['content-disposition']).toContain("filename*=UTF-8''Lohn%20M%C3%A4rz.pdf")
    expect(await announced(house.db, loanDocumentStored)).toMatchObject([{ data: { document_id: document.id } }])
  })

  test('a document that was handed in can not be changed under the address of its upload', async () => {
    const { body: added } = await add(house, loanId)
    await upload(house, added)
    const { body: stored } = await complete(house, loanId, added.id)
    await upload(house, added, Buffer.from('%PDF-1.7 a forgery'))
    expect((await complete(house, loanId, added.id)).body.sha256).toBe(stored.sha256)
    expect((await send(house, stored.download_url, { method: 'GET' })).body).toBe(payslip.toString())
  })

  test('an upload of another type, of another length or without the signature is refused', async () => {
    const { body: added } = (await add(house, loanId)) as { body: Announced }
    const refused = [
      await send(house, added.upload_url, {
        headers: { ...added.upload_headers, 'content-type': 'text/html' },
        file: payslip,
      }),
      await send(house, added.upload_url, { headers: { ...added.upload_headers, 'content-length': 30 }, file: Buffer.alloc(30) }), // prettier-ignore
      await send(house, added.upload_url, { headers: { ...added.upload_headers, 'content-length': 3 }, file: Buffer.alloc(3) }), // prettier-ignore
      await send(house, added.upload_url.replace(/signature=[^&]+/i, 'Signature=AAAA'), { headers: added.upload_headers, file: payslip }), // prettier-ignore
    ]
    for (const { status } of refused) expect([400, 403, 413]).toContain(status)
    expect((await complete(house, loanId, added.id)).body.code).toBe('document_not_uploaded')
  })
})

describe('a document', () => {
  const store = createFileStore(join(folder, 'loan'))
  let house: LoanHouse
  let loanId: string
  beforeAll(async () => {
    ;[house, loanId] = await newLoan('folder', 'ann')
  })

  test.each([
    ['of another type', { content_type: 'text/html' }],
    ['that is too large', { size: 1_001 }],
    ['that is empty', { size: 0 }],
    ['with a path for a name', { filename: '../../etc/passwd' }],
    ['with a path of Windows for a name', { filename: '..\\secret.pdf' }],
    ['called ..', { filename: '..' }],
    ['with a line break in its name', { filename: 'a\r\nset-cookie: x.pdf' }],
    ['whose name is written backwards', { filename: 'harmless\u202efdp.exe' }],
  ])('%s is not taken', async (_case, more) => {
    const refused = await add(house, loanId, more)
    expect(refused).toMatchObject({ status: 422, body: { code: 'validation_failed' } })
    expect(refused.body.errors[0].loc).toEqual(['body', Object.keys(more)[0]])
  })

  test('of somebody else’s loan is as unknown as the loan', async () => {
    const { body: added } = await add(house, loanId)
    const other = (await house.apply('bob')).body.id
    const strangers = [
      await add(house, loanId, {}, 'bob'),
      await list(house, loanId, 'customer', 'bob'),
      await complete(house, loanId, added.id, 'bob'),
      await house.call('get', `/loans/${loanId}/documents/${added.id}`, { role: 'customer', userId: 'bob' }),
    ]
    for (const { status, body: problem } of strangers) expect([status, problem.code]).toEqual([404, 'loan_not_found'])
    expect((await complete(house, other, added.id, 'bob')).body.code).toBe('document_not_found')
  })

  test('is for no viewer, who sees persons masked', async () => {
    const { body: added } = await add(house, loanId)
    const path = `/loans/${loanId}/documents`
    const refused = [
      await house.call('get', path, { role: 'viewer' }),
      await house.call('get', `${path}/${added.id}`, { role: 'viewer' }),
      await house.call('post', path, { role: 'viewer', body }),
    ]
    for (const { status, body: problem } of refused)
      expect([status, problem.detail]).toEqual([403, 'User does not have permission to perform this action'])
  })

  test('whose upload comes too late is refused', async () => {
    const files = createLocalFiles({ store, path: '/files/loan', publicUrl: '' })
    const expired = { key: 'uploads/late', contentType: body.content_type, length: body.size, expiresAt: new Date(0) }
    const { url, headers } = await files.presignUpload(expired)
    expect(await send(house, url, { headers, file: payslip })).toMatchObject({ status: 403 })
    expect(await store.head('uploads/late')).toBeUndefined()
  })

  test('that a store took in another shape is not handed in', async () => {
    const { body: added } = await add(house, loanId)
    const key = `uploads/${added.id}`
    await store.put({ key, contentType: 'application/pdf', length: 3, body: Buffer.from('abc') })
    expect(await complete(house, loanId, added.id)).toMatchObject({
      status: 422,
      body: { code: 'document_mismatch', size: 3 },
    })
  })

  test('that nobody handed in is forgotten after a day, and no other', async () => {
    await native(house.db, loanDocuments).deleteMany({})
    const [left, stored] = [(await add(house, loanId)).body, (await add(house, loanId)).body]
    for (const one of [left, stored]) await upload(house, one)
    await complete(house, loanId, stored.id)
    const files = createLocalFiles({ store, path: '', publicUrl: '' })
    const clear = (hours: number) =>
      clearAbandoned(
        { db: house.db, files, now: () => new Date(Date.now() + hours * 3600_000) } as Deps,
        new AbortController().signal,
      )
    await clear(24)
    expect(await readsOn(house.db).count(loanDocuments, {})).toBe(2)
    await clear(25)
    expect((await readsOn(house.db).find(loanDocuments, {})).map(({ _id }) => _id)).toEqual([stored.id])
    expect(await store.head(`uploads/${left.id}`)).toBeUndefined()
  })
})
