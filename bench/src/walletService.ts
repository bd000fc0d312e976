import { createLog } from '@countinghouse/shared/log'
import { applyTopology } from '@countinghouse/shared/messaging/topology'
import { connectMongo } from '@countinghouse/shared/mongo/connect'
import { registrationOf } from '@countinghouse/shared/testing/events'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { publishEvents } from '@countinghouse/shared/testing/publish'
import { openTokenOffice, type TokenOffice } from '@countinghouse/shared/testing/tokens'
import { freePorts } from '@countinghouse/scripts/kit/ports'
import { startService, type ServiceProcess } from '@countinghouse/scripts/system/service'
import type { Servers } from '@countinghouse/scripts/servers'
import type { Connection } from 'mongoose'

export type WalletService = {
  url: string
  metricsUrl: string
  stop(): Promise<void>
}

export type Bank = {
  db: Connection
  tokens: TokenOffice
  /** Another process on the same database. */
  start(more?: Record<string, string>, process?: 'wallet-service' | 'wallet-sync'): Promise<WalletService>
  /** Opens funded wallets, by event and by the API. */
  openWallets(service: WalletService, count: number): Promise<string[]>
  close(): Promise<void>
}

const DATABASE = 'bench_wallet'
const VHOST = 'bench'

/** wallet-service as real processes on a database of their own. */
export const openBank = async (servers: Servers): Promise<Bank> => {
  const tokens = await openTokenOffice()
  await applyTopology({ adminUrl: servers.rabbitmqAdminUrl, vhost: VHOST })
  const rabbitmq = new URL(servers.rabbitmqUrl)
  rabbitmq.pathname = `/${VHOST}`
  const db = await connectMongo({
    uri: servers.mongodbUri,
    database: DATABASE,
    service: 'bench',
    log: createLog('bench', 'silent'),
  })
  await db.dropDatabase()
  const settings = {
    MONGODB_URI: servers.mongodbUri,
    MONGODB_DATABASE: DATABASE,
    RABBITMQ_URL: rabbitmq.href,
    REDIS_URL: servers.redisUrl,
    AUTH_URL: tokens.authUrl,
    SERVICE_CLIENT_SECRET: 'a secret that the token office takes',
    ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 1).toString('base64')}`,
  }
  const start: Bank['start'] = async (more = {}, name = 'wallet-service') => {
    const [port = 0, metricsPort = 0] = await freePorts(2)
    const environment = {
      ...process.env,
      ...settings,
      ...more,
      NODE_ENV: 'test',
      LOG_LEVEL: 'error',
      PORT: String(port),
      METRICS_PORT: String(metricsPort),
    }
    const child: ServiceProcess = await startService({
      service: name,
      environment,
      onLine: (_service, line) => {
        console.error(line)
      },
      onExit: () => undefined,
    })
    const metricsUrl = `http://127.0.0.1:${metricsPort}`
    await eventually(async () => {
      if ((await fetch(`${metricsUrl}/readyz`)).status !== 200) throw new Error('wallet-service is not ready')
    }, 30_000)
    return { url: `http://127.0.0.1:${port}`, metricsUrl, stop: () => child.stop() }
  }
  return {
    db,
    tokens,
    start,
    openWallets: (service, count) => openWallets({ service, count, db, tokens, rabbitmqUrl: rabbitmq.href }),
    close: async () => {
      await db.dropDatabase()
      await db.close()
      await tokens.close()
    },
  }
}

type Opening = { service: WalletService; count: number; db: Connection; tokens: TokenOffice; rabbitmqUrl: string }

const openWallets = async ({ service, count, db, tokens, rabbitmqUrl }: Opening): Promise<string[]> => {
  const userIds = Array.from({ length: count }, (_, index) => `bench-user-${index}`)
  await publishEvents(
    rabbitmqUrl,
    userIds.map((userId) => registrationOf(userId)),
  )
  const wallets = await eventually(async () => {
    const found = await db.collection<{ _id: string }>('accounts').find({ kind: 'wallet' }).toArray()
    if (found.length < count) throw new Error('wallets are still being opened')
    return found
  }, 120_000)
  const headers = { authorization: `Bearer ${tokens.userToken('admin')}`, 'content-type': 'application/json' }
  const ids = wallets.map(({ _id }) => _id)
  for (let from = 0; from < ids.length; from += 50)
    await Promise.all(
      ids.slice(from, from + 50).map(async (wallet_id) => {
        const body = JSON.stringify({ wallet_id, amount: 1_000_000 })
        const response = await fetch(`${service.url}/wallet/credit`, { method: 'POST', headers, body })
        if (response.status !== 201) throw new Error(await response.text())
      }),
    )
  return ids
}
