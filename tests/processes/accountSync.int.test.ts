import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createLog } from '@countinghouse/shared/log'
import { connectMongo } from '@countinghouse/shared/mongo/connect'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { freePort } from '@countinghouse/shared/testing/service'
import { openTokenOffice, type TokenOffice } from '@countinghouse/shared/testing/tokens'
import type { Connection } from 'mongoose'
import { startCollector } from '../e2e/collector.js'
import { readinessOf, runEntry, walletSettings, type CleanUps } from './alone.js'

const USER = 'somebody'
const CUSTOMER = 'user_busy'

const cleanUps: CleanUps = []
let office: TokenOffice
let settings: Record<string, string>
let db: Connection

/** The service, or a process beside it, on ports of its own. */
const run = async (entry: string, more: Record<string, string> = {}) => {
  const ports = { PORT: (await freePort()).toString(), METRICS_PORT: (await freePort()).toString() }
  const started = runEntry(`wallet-service/dist/${entry}`, { ...settings, ...ports, ...more }, cleanUps)
  return { ...started, ...ports, url: `http://127.0.0.1:${ports.PORT}` }
}
const runReady = async (entry: string, more: Record<string, string> = {}) => {
  const started = await run(entry, more)
  await eventually(async () => expect((await readinessOf(started.METRICS_PORT)).status).toBe(200), 60_000)
  return started
}

beforeAll(async () => {
  office = await openTokenOffice()
  cleanUps.push(() => office.close())
  settings = { ...(await walletSettings(cleanUps)), AUTH_URL: office.authUrl }
  settings = { ...settings, INSTITUTION_URL: (await runReady('institution/main.js')).url }
  const { MONGODB_URI: uri = '', MONGODB_DATABASE: database = '' } = settings
  db = await connectMongo({ uri, database, service: 'test', log: createLog('test', 'silent') })
  cleanUps.push(async () => {
    await db.dropDatabase()
    await db.close()
  })
}, 120_000)
afterAll(async () => {
  for (const cleanUp of cleanUps.reverse()) await cleanUp()
})

const ask = async (url: string, path: string, body?: object, more?: Record<string, string>): Promise<unknown> => {
  const response = await fetch(url + path, {
    method: body ? 'POST' : 'GET',
    headers: {
      ...{ authorization: `Bearer ${office.userToken('customer', USER)}`, 'content-type': 'application/json' },
      ...more,
    },
    body: body ? JSON.stringify(body) : null,
  })
  return response.json()
}

/** How far the link is read, and how many movements there are: those that were taken back count as well. */
const stateOf = async (linkId: string) => {
  const link = await db.collection<{ _id: string; cursor: string | null }>('accountLinks').findOne({ _id: linkId })
  const rows = await db.collection('accountMovements').countDocuments({ linkId })
  return { cursor: Number(link?.cursor ?? 0), rows }
}

// Each day adds three pending movements; from the second day on three are posted before, each followed by what it replaces.
const rowsAt = (cursor: number): number => {
  const [days, changes] = [Math.floor((cursor + 6) / 9), (cursor + 6) % 9]
  return cursor === 0 ? 0 : days * 6 - 3 + (changes > 5 ? changes - 3 : Math.ceil(changes / 2))
}

test('workers that are killed while they sync leave rows and cursor together, and others go on from there', async () => {
  const service = await runReady('main.js')
  const { url } = service
  const credentials = { institution: 'sandbox', username: CUSTOMER, password: 'pass_good' }
  const connected = ask(url, `/users/${USER}/accounts/links`, credentials) as Promise<{
    id: string
    job: { id: string }
  }>
  const { id: linkId, job } = await connected
  for (const point of ['account-sync:before-commit', 'account-sync:page-committed']) {
    await (
      await run('sync/main.js', { FAULT_POINT: point })
    ).exitCode
    const { cursor, rows } = await stateOf(linkId)
    expect([point, rows, cursor > 0]).toEqual([point, rowsAt(cursor), point === 'account-sync:page-committed'])
  }
  const worker = await run('sync/main.js')
  await eventually(
    async () => expect(await ask(url, `/account-sync/${job.id}`)).toMatchObject({ status: 'succeeded' }),
    60_000,
  )
  expect(await stateOf(linkId)).toEqual({ cursor: 3_594, rows: 2_397 })
  for (const { process, exitCode } of [service, worker]) {
    process.kill('SIGKILL')
    await exitCode
  }
}, 240_000)

test('what a worker does is part of the trace of the request that asked for it', async () => {
  const collector = await startCollector()
  cleanUps.push(() => collector.close())
  const observed = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint }
  const { url } = await runReady('main.js', observed)
  await runReady('sync/main.js', observed)
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
  const credentials = { institution: 'sandbox', username: 'user_good', password: 'pass_good' }
  await ask(url, `/users/${USER}/accounts/links`, credentials, { traceparent: `00-${traceId}-00f067aa0ba902b7-01` })
  await eventually(() => {
    const spans = collector.of(traceId)
    expect(spans).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ service: 'wallet-service', name: 'POST /users/:userId/accounts/links' }),
        // By either process: they share an outbox.
        expect.objectContaining({ name: 'publish countinghouse.account-sync.due.v1' }),
        expect.objectContaining({
          service: 'wallet-sync',
          name: 'wallet.account-syncs countinghouse.account-sync.due.v1',
        }),
      ]),
    )
  }, 30_000)
}, 120_000)
