import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from '@countinghouse/scripts/kit/ports'
import { provisionServers, type Servers } from '@countinghouse/scripts/servers'
import { createLog } from '@countinghouse/shared/log'
import { connectRedis } from '@countinghouse/shared/redis'
import { Pool } from 'undici'
import { bareKeyOf, startBare } from './accountsBare.js'
import { measureSyncs } from './accountSyncs.js'
import { runLoad, type Figures } from './load.js'
import { report, type Row } from './report.js'
import { openBank, type Bank, type WalletService } from './walletService.js'

const CLIENTS = 64
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 15)
const USERS = 200

/** Reads of linked accounts, from Redis and without it, beside a bare handler that answers from Redis; and how fast they are synced. */
const bench = async (servers: Servers): Promise<void> => {
  const bank = await openBank(servers)
  const [deadPort = 0, barePort = 0] = await freePorts(2)
  const service = await bank.start()
  await addAccounts(bank, service)
  const bare = await startBare(servers.redisUrl, barePort)
  await fillBare(bank, service, servers.redisUrl)
  const rows: Row[] = [{ name: 'bare Express and ioredis', figures: await read('bare', bare.url, bank) }]
  const base = { baseline: 'bare Express and ioredis' }
  rows.push({ name: 'accounts, from Redis', ...base, figures: await read('from Redis', service.url, bank) })
  const without = await bank.start({ REDIS_URL: `redis://127.0.0.1:${deadPort}` })
  rows.push({ name: 'accounts, without Redis', ...base, figures: await read('without Redis', without.url, bank) })
  await without.stop()
  bare.stop()
  const facts = await measureSyncs(bank)
  await service.stop()
  await bank.close()
  report('accounts: reads and syncs', rows, facts)
}

const userAt = (index: number): string => `bench-user-${index % USERS}`
const kinds = [
  { type: 'credit', details: { creditLimit: 5000, availableCredit: 3800, apr: 19.99, dueDate: '2025-06-15' } },
  { type: 'loan', details: { principal: 10000, interestRate: 4.5, remainingTermMonths: 12 } },
  { type: 'checking', details: { overdraftProtection: true, routingNumber: '123456789' } },
]

const addAccounts = async ({ tokens }: Bank, { url }: WalletService): Promise<void> => {
  const headers = { authorization: `Bearer ${tokens.userToken('admin')}`, 'content-type': 'application/json' }
  for (let index = 0; index < USERS; index += 1)
    for (const kind of kinds) {
      const body = JSON.stringify({
        ...kind,
        provider: 'Bank',
        accountName: 'Account',
        balance: 1200.45,
        currency: 'USD',
      })
      const answer = await fetch(`${url}/users/${userAt(index)}/accounts`, { method: 'POST', headers, body })
      if (answer.status !== 201) throw new Error(await answer.text())
    }
}

// The bare handler sends the very same bytes.
const fillBare = async ({ tokens }: Bank, { url }: WalletService, redisUrl: string): Promise<void> => {
  const redis = connectRedis(redisUrl, createLog('bench', 'silent'))
  await once(redis, 'ready')
  const headers = { authorization: `Bearer ${tokens.userToken('staff')}` }
  for (let index = 0; index < USERS; index += 1) {
    const answer = await fetch(`${url}/users/${userAt(index)}/accounts`, { headers })
    await redis.set(bareKeyOf(userAt(index)), await answer.text(), 'EX', 3_600)
  }
  redis.disconnect()
}

const read = async (name: string, url: string, { tokens }: Bank): Promise<Figures> => {
  console.log(name)
  const pool = new Pool(url, { connections: CLIENTS })
  const headers = { authorization: `Bearer ${tokens.userToken('staff')}` }
  let next = 0
  const work = async (): Promise<void> => {
    const { statusCode, body } = await pool.request({
      method: 'GET',
      path: `/users/${userAt(next++)}/accounts`,
      headers,
    })
    const text = await body.text()
    if (statusCode !== 200) throw new Error(text)
  }
  await runLoad({ clients: CLIENTS, seconds: 2, work })
  const figures = await runLoad({ clients: CLIENTS, seconds: SECONDS, work })
  await pool.close()
  return figures
}

const folder = await mkdtemp(join(tmpdir(), 'countinghouse-bench-'))
const servers = await provisionServers({
  dataDir: folder,
  purpose: 'test',
  say: (line) => {
    console.log(line)
  },
})
try {
  await bench(servers)
} finally {
  await servers.stop()
  await rm(folder, { recursive: true })
}
process.exit()
