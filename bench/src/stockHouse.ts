import { createLog } from '@countinghouse/shared/log'
import { applyTopology } from '@countinghouse/shared/messaging/topology'
import { connectMongo } from '@countinghouse/shared/mongo/connect'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { openTokenOffice } from '@countinghouse/shared/testing/tokens'
import { freePorts } from '@countinghouse/scripts/kit/ports'
import type { Servers } from '@countinghouse/scripts/servers'
import { startService } from '@countinghouse/scripts/system/service'
import type { Connection } from 'mongoose'
import { Pool } from 'undici'

export type StockHouse = {
  db: Connection
  call<Answer>(method: 'GET' | 'POST', path: string, body?: object): Promise<Answer>
  sell(lines: { item: number; quantity: number }[]): Promise<void>
  memoryMb(): Promise<number>
  close(): Promise<void>
}

const DATABASE = 'bench_inventory'
const VHOST = 'bench'
const CONNECTIONS = 64
const PIECES = 500_000_000

/** inventory-service as a real process, with items of which there is enough for any load. */
export const openStockHouse = async (servers: Servers, items: number): Promise<StockHouse> => {
  const tokens = await openTokenOffice()
  await applyTopology({ adminUrl: servers.rabbitmqAdminUrl, vhost: VHOST })
  const log = createLog('bench', 'silent')
  const db = await connectMongo({ uri: servers.mongodbUri, database: DATABASE, service: 'bench', log })
  await db.dropDatabase()
  const { url, metricsUrl, stop } = await startInventory(servers, { authUrl: tokens.authUrl, database: DATABASE })
  const pool = new Pool(url, { connections: CONNECTIONS })
  const authorization = `Bearer ${tokens.userToken('admin', 'bench-admin')}`
  const call = async <Answer>(method: 'GET' | 'POST', path: string, body?: object): Promise<Answer> => {
    const headers = { authorization, ...(body && { 'content-type': 'application/json' }) }
    const response = await pool.request({ method, path, headers, ...(body && { body: JSON.stringify(body) }) })
    const text = await response.body.text()
    if (response.statusCode >= 300) throw new Error(`${method} ${path}: ${text}`)
    return JSON.parse(text) as Answer
  }
  await call('POST', '/trade-customers', { id: 'BENCH', name: 'Bench' })
  for (let item = 0; item < items; item++) {
    await call('POST', '/items', { id: idOf(item), name: `Item ${item}`, type: 'goods' })
    const opening = { item_id: idOf(item), delta: PIECES, reason: 'opening', value: 5_000_000 }
    await call('POST', '/stocks/adjustments', opening)
  }
  return {
    db,
    call,
    sell: async (lines) => {
      const line_items = lines.map(({ item, quantity }) => ({ item_id: idOf(item), quantity, unit_price: 0.05 }))
      await call('POST', '/sales', { customer_id: 'BENCH', line_items })
    },
    memoryMb: async () => {
      const text = await (await fetch(`${metricsUrl}/metrics`)).text()
      return Math.round(Number(/^process_resident_memory_bytes\S* (\S+)/m.exec(text)?.[1]) / 2 ** 20)
    },
    close: async () => {
      await pool.close()
      await stop()
      await db.dropDatabase()
      await db.close()
      await tokens.close()
    },
  }
}

export const idOf = (item: number): string => `item-${item.toString().padStart(3, '0')}`

type Around = { authUrl: string; database: string; walletUrl?: string }

/** inventory-service as a real process. */
export const startInventory = async (servers: Servers, { authUrl, database, walletUrl }: Around) => {
  const [port = 0, metricsPort = 0] = await freePorts(2)
  const rabbitmq = new URL(servers.rabbitmqUrl)
  rabbitmq.pathname = `/${VHOST}`
  const child = await startService({
    service: 'inventory-service',
    environment: {
      ...process.env,
      ...{ NODE_ENV: 'test', LOG_LEVEL: 'error', SAMPLE_DATA: 'off', APPROVAL_THRESHOLD: '1000000000' },
      ...{ MONGODB_URI: servers.mongodbUri, MONGODB_DATABASE: database },
      ...{ RABBITMQ_URL: rabbitmq.href, REDIS_URL: servers.redisUrl, AUTH_URL: authUrl },
      ...{
        WALLET_URL: walletUrl ?? 'http://127.0.0.1:1',
        SERVICE_CLIENT_SECRET: 'a secret that the token office takes',
      },
      ...{ PORT: String(port), METRICS_PORT: String(metricsPort) },
    },
    onLine: (_service, line) => {
      console.error(line)
    },
    onExit: () => undefined,
  })
  const metricsUrl = `http://127.0.0.1:${metricsPort}`
  await eventually(async () => {
    if ((await fetch(`${metricsUrl}/readyz`)).status !== 200) throw new Error('inventory-service is not ready')
  }, 30_000)
  return { url: `http://127.0.0.1:${port}`, metricsUrl, stop: () => child.stop() }
}
