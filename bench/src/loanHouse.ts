import { createLog } from '@countinghouse/shared/log'
import { connectMongo } from '@countinghouse/shared/mongo/connect'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { freePorts } from '@countinghouse/scripts/kit/ports'
import type { Servers } from '@countinghouse/scripts/servers'
import { startService } from '@countinghouse/scripts/system/service'
import type { Connection } from 'mongoose'
import { Pool } from 'undici'
import { openBank, type Bank } from './walletService.js'

export type LoanHouse = {
  db: Connection
  /** Of borrowers with a wallet. */
  customerIds: string[]
  call<Answer>(method: 'GET' | 'POST' | 'PATCH', path: string, body?: object): Promise<Answer>
  stopServices(): Promise<void>
  close(): Promise<void>
}

const DATABASE = 'bench_loan'
const VHOST = 'bench'
const CONNECTIONS = 64

/** loan-service and wallet-service as real processes, and borrowers whose wallets are open. */
export const openLoanHouse = async (servers: Servers, borrowers: number): Promise<LoanHouse> => {
  const bank = await openBank(servers)
  const log = createLog('bench', 'silent')
  const db = await connectMongo({ uri: servers.mongodbUri, database: DATABASE, service: 'bench', log })
  await db.dropDatabase()
  const wallet = await bank.start()
  const loan = await startLoanService(servers, bank, wallet.url)
  const pool = new Pool(loan.url, { connections: CONNECTIONS })
  const authorization = `Bearer ${bank.tokens.userToken('admin', 'bench-admin')}`
  const call = async <Answer>(method: 'GET' | 'POST' | 'PATCH', path: string, body?: object): Promise<Answer> => {
    const headers = { authorization, ...(body && { 'content-type': 'application/json' }) }
    const response = await pool.request({ method, path, headers, ...(body && { body: JSON.stringify(body) }) })
    const text = await response.body.text()
    if (response.statusCode >= 300) throw new Error(`${method} ${path}: ${text}`)
    return JSON.parse(text) as Answer
  }
  await bank.openWallets(wallet, borrowers)
  const stopServices = async () => {
    await pool.close()
    await loan.stop()
    await wallet.stop()
  }
  return {
    ...{ db, call, stopServices },
    customerIds: await addCustomers(call, borrowers),
    close: async () => {
      await db.dropDatabase()
      await db.close()
      await bank.close()
    },
  }
}

/** Customers of the users for whom `openWallets` opens wallets. */
const addCustomers = async (call: LoanHouse['call'], count: number): Promise<string[]> => {
  const names = Array.from({ length: count }, (_, index) => `bench-user-${index}`)
  const customers = names.map((name) => ({
    ...{ first_name: 'Bench', last_name: name, email: `${name}@example.com`, user_id: name },
  }))
  const added = await Promise.all(customers.map((customer) => call<{ id: string }>('POST', '/customers', customer)))
  return added.map(({ id }) => id)
}

const startLoanService = async (
  servers: Servers,
  { tokens }: Bank,
  walletUrl: string,
): Promise<{ url: string; stop(): Promise<void> }> => {
  const [port = 0, metricsPort = 0] = await freePorts(2)
  const rabbitmq = new URL(servers.rabbitmqUrl)
  rabbitmq.pathname = `/${VHOST}`
  const child = await startService({
    service: 'loan-service',
    environment: {
      ...process.env,
      ...{ NODE_ENV: 'test', LOG_LEVEL: 'error', SAMPLE_DATA: 'off' },
      ...{ MONGODB_URI: servers.mongodbUri, MONGODB_DATABASE: DATABASE },
      ...{ RABBITMQ_URL: rabbitmq.href, REDIS_URL: servers.redisUrl, AUTH_URL: tokens.authUrl },
      WALLET_URL: walletUrl,
      SERVICE_CLIENT_SECRET: 'a secret that the token office takes',
      ...{ PORT: String(port), METRICS_PORT: String(metricsPort) },
    },
    onLine: (_service, line) => {
      console.error(line)
    },
    onExit: () => undefined,
  })
  await eventually(async () => {
    if ((await fetch(`http://127.0.0.1:${metricsPort}/readyz`)).status !== 200) throw new Error('It is not ready')
  }, 30_000)
  return { url: `http://127.0.0.1:${port}`, stop: () => child.stop() }
}
