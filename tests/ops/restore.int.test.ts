import { createSecretKey, randomBytes } from 'node:crypto'
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { startOwnServer } from '@countinghouse/scripts/servers/ownServers'
import { restore } from '@countinghouse/shared/backup/restore'
import { backupClient, takeBackup } from '@countinghouse/shared/backup/take'
import { readCatalogue, writeCatalogue } from '@countinghouse/shared/backup/catalogue'
import { createVault } from '@countinghouse/shared/crypto'
import { createFileStore } from '@countinghouse/shared/files/store'
import { createLog } from '@countinghouse/shared/log'
import { connectMongo } from '@countinghouse/shared/mongo/connect'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { registrationOf } from '@countinghouse/shared/testing/events'
import { publishEvent } from '@countinghouse/shared/testing/publish'
import { testServers, uniqueName } from '@countinghouse/shared/testing/servers'
import { startTestService, type TestService } from '@countinghouse/shared/testing/service'
import { walletService } from '@countinghouse/wallet-service/app'
import { verify } from '@countinghouse/wallet-service/verification/commands'
import type { Connection } from 'mongoose'

let service: TestService
let folder: string
let elsewhere: Awaited<ReturnType<typeof startOwnServer>>
let wallets: string[]
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backup-'))
  const server = startOwnServer('mongodb', { dataDir: folder, purpose: 'test', say: () => undefined })
  service = await startTestService(walletService)
  wallets = await Promise.all(['a', 'b', 'c'].map(openWallet))
  elsewhere = await server
})
afterAll(async () => {
  await service.close()
  await elsewhere.close()
  await rm(folder, { recursive: true, force: true })
})

const openWallet = async (name: string): Promise<string> => {
  const owner = uniqueName(name)
  await publishEvent(service.rabbitmqUrl, registrationOf(owner))
  return eventually(async () => {
    const row = await service.db.collection('accounts').findOne({ ownerId: owner })
    if (!row) throw new Error('no wallet yet')
    return String(row._id)
  })
}

const post = async (path: string, body: object): Promise<void> => {
  const headers = { authorization: `Bearer ${service.tokens.userToken('admin')}`, 'content-type': 'application/json', 'idempotency-key': uniqueName('key') } // prettier-ignore
  const response = await fetch(service.url + path, { method: 'POST', headers, body: JSON.stringify(body) })
  expect([response.status, await response.json()]).toEqual([201, expect.anything()])
}
const load = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1)
    await Promise.all([
      post('/wallet/credit', { wallet_id: wallets[0], amount: 100 }),
      post('/transfers', { from_wallet_id: wallets[turn % 3], to_wallet_id: wallets[(turn + 1) % 3], amount: 1 }),
      post('/holds', { wallet_id: wallets[0], to_wallet_id: wallets[1], amount: 2 }),
    ])
}

const KEPT = ['accounts', 'entries', 'blocks', 'holds', 'idempotency', 'outbox', 'migrations']
const contentOf = async (db: Connection) =>
  Object.fromEntries(
    await Promise.all(KEPT.map(async (name) => [name, await db.collection(name).find().sort({ _id: 1 }).toArray()])),
  ) as Record<string, unknown[]>
const rulesOf = async (db: Connection) => {
  const collections = await db.db?.listCollections({}, { nameOnly: false }).toArray()
  const indexes = await Promise.all(KEPT.map((name) => db.collection(name).indexes()))
  return {
    indexes,
    rules: collections?.map(({ name, ...more }) => [name, (more as { options?: object }).options]).sort(),
  }
}
const published = () =>
  eventually(async () => expect(await service.db.collection('outbox').countDocuments({ publishedAt: null })).toBe(0))

test('what was lost is as it was at any moment: the same documents, rules and books, from a backup that nobody could change', async () => {
  const source = { client: backupClient(testServers().mongodbUri), databases: [service.db.name] }
  const vault = createVault([{ id: 'k1', secret: createSecretKey(randomBytes(32)) }])
  const shelf = { files: createFileStore(join(folder, 'shelf')), vault }
  const take = () => takeBackup(source, shelf, { now: new Date(), snapshotEveryMs: 3_600_000, keptForDays: 30 })

  for (const id of wallets) await post('/wallet/credit', { wallet_id: id, amount: 1000 })
  const busy = load(15)
  const first = await take()
  await busy
  expect(first.map(({ kind }) => kind)).toEqual(['snapshot', 'oplog'])
  await load(10)
  await published()
  const [moment, expected, rules] = [new Date(), await contentOf(service.db), await rulesOf(service.db)]
  await load(5)
  expect((await take()).map(({ kind }) => kind)).toEqual(['oplog'])
  const lostMs = Date.now() - Date.parse((await readCatalogue(shelf)).at(-1)?.at ?? '')
  await source.client.close()

  const target = backupClient(elsewhere.url)
  const begunAt = performance.now()
  const restored = await restore(shelf, { client: target, databaseFor: (name) => (name === service.db.name ? 'restored' : undefined) }, moment) // prettier-ignore
  const tookMs = performance.now() - begunAt
  expect(restored.changes).toBeGreaterThan(0)
  const db = await connectMongo({ uri: elsewhere.url, database: 'restored', service: 'test', log: createLog('test', 'silent') }) // prettier-ignore
  expect(await contentOf(db)).toEqual(expected)
  expect(await rulesOf(db)).toEqual(rules)
  const run = verify({ db, now: () => new Date() })
  let step = await run.next()
  while (!step.done) step = await run.next()
  expect(step.value).toMatchObject({ ok: true, problems: [] })
  process.stdout.write(`restore drill: ${restored.documents} documents and ${restored.changes} changes; RPO ${(lostMs / 1000).toFixed(1)} s, RTO ${(tookMs / 1000).toFixed(1)} s\n`) // prettier-ignore

  await expect(restore(shelf, { client: target, databaseFor: () => 'early' }, new Date(0))).rejects.toThrow(
    'No snapshot',
  )
  await expect(restore(shelf, { client: target, databaseFor: () => 'restored' }, moment)).rejects.toThrow('exists')
  const pieces = await readCatalogue(shelf)
  const place = join(folder, 'shelf/objects', pieces[1]?.id ?? '')
  const [name = ''] = await readdir(place)
  const bytes = await readFile(join(place, name))
  bytes[bytes.length - 20] = (bytes[bytes.length - 20] ?? 0) ^ 1
  await writeFile(join(place, name), bytes)
  await expect(restore(shelf, { client: target, databaseFor: () => 'changed' }, moment)).rejects.toThrow(
    'it was changed',
  )
  await writeCatalogue(
    shelf,
    pieces.filter((_, index) => index !== 1),
  )
  await expect(restore(shelf, { client: target, databaseFor: () => 'gap' }, moment)).rejects.toThrow(
    'not in the backup',
  )
  await db.close()
  await target.close()
})
