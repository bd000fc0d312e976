import { once } from 'node:events'
import { freePorts } from '@countinghouse/scripts/kit/ports'
import { createLog } from '@countinghouse/shared/log'
import { connectRedis } from '@countinghouse/shared/redis'
import { bareKeyOf, startBare } from './accountsBare.js'
import { measureSyncs } from './accountSyncs.js'
import { openBank, type Bank } from './bank.js'
import { openCaller } from './caller.js'
import type { Ground, Service } from './ground.js'
import { runLoad, type Figures } from './load.js'
import { atLeast, ratioOf, type Measured, type Row } from './measured.js'

const CLIENTS = 64
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 15)
const USERS = 200
const BARE = 'bare Express and ioredis'

/** Reads of linked accounts, from Redis and without it, beside a bare handler that answers from Redis; and how fast they are synced. */
export const bench = async (ground: Ground): Promise<Measured> => {
  const bank = await openBank(ground)
  const { redisUrl } = ground.servers
  const [deadPort = 0, barePort = 0] = await freePorts(2)
  const service = await bank.start('wallet-service')
  await addAccounts(bank, service)
  const bare = await startBare(redisUrl, barePort)
  await fillBare(bank, service, redisUrl)
  const rows: Row[] = [{ name: BARE, figures: await read('bare', bare.url, ownerIn(bank)) }]
  const base = { baseline: BARE }
  const measured = async (name: string, url: string, tokenOf: TokenOf) =>
    void rows.push({ name, ...base, figures: await read(name, url, tokenOf) })
  await measured('accounts, from Redis', service.url, ownerIn(bank))
  await measured('accounts, from Redis, by staff and on record', service.url, staffIn(bank))
  const without = await bank.start('wallet-service', { REDIS_URL: `redis://127.0.0.1:${deadPort}` })
  await measured('accounts, without Redis', without.url, ownerIn(bank))
  await without.stop()
  bare.stop()
  const facts = await measureSyncs(bank)
  const aims = [
    atLeast('accounts from Redis, beside the bare handler', 0.7, ratioOf(rows, 'accounts, from Redis', BARE)),
  ]
  return { title: 'Reads of linked accounts, and how fast they are synced', rows, facts, aims }
}

const userAt = (index: number): string => `bench-user-${index % USERS}`
const kinds = [
  { type: 'credit', details: { creditLimit: 5000, availableCredit: 3800, apr: 19.99, dueDate: '2025-06-15' } },
  { type: 'loan', details: { principal: 10000, interestRate: 4.5, remainingTermMonths: 12 } },
  { type: 'checking', details: { overdraftProtection: true, routingNumber: '123456789' } },
]

const addAccounts = async ({ tokens }: Bank, { url }: Service): Promise<void> => {
  const { call, close } = openCaller(url, CLIENTS, tokens.userToken('admin'))
  const rest = { provider: 'Bank', accountName: 'Account', balance: 1200.45, currency: 'USD' }
  const addTo = (user: string) =>
    Promise.all(kinds.map((kind) => call('POST', `/users/${user}/accounts`, { ...kind, ...rest })))
  await Promise.all(Array.from({ length: USERS }, (_, index) => addTo(userAt(index))))
  await close()
}

// The bare handler sends the very same bytes.
const fillBare = async ({ tokens }: Bank, { url }: Service, redisUrl: string): Promise<void> => {
  const redis = connectRedis(redisUrl, createLog('bench', 'silent'))
  await once(redis, 'ready')
  const { send, close } = openCaller(url, 1, tokens.userToken('staff'))
  for (let index = 0; index < USERS; index += 1) {
    const { text } = await send('GET', `/users/${userAt(index)}/accounts`)
    await redis.set(bareKeyOf(userAt(index)), text, 'EX', 3_600)
  }
  await close()
  redis.disconnect()
}

type TokenOf = (user: string) => string

/** Users who read what is their own. */
const ownerIn = ({ tokens }: Bank): TokenOf => {
  const made = new Map(
    Array.from({ length: USERS }, (_, index) => [userAt(index), tokens.userToken('customer', userAt(index))]),
  )
  return (user) => made.get(user) ?? ''
}

/** One who reads what is others', so that each read is put on record before it is answered. */
const staffIn = ({ tokens }: Bank): TokenOf => {
  const token = tokens.userToken('staff')
  return () => token
}

const read = async (name: string, url: string, tokenOf: TokenOf): Promise<Figures> => {
  console.log(name)
  const { send, close } = openCaller(url, CLIENTS)
  let next = 0
  const work = async (): Promise<void> => {
    const user = userAt(next++)
    const headers = { authorization: `Bearer ${tokenOf(user)}` }
    const { status, text } = await send('GET', `/users/${user}/accounts`, { headers })
    if (status !== 200) throw new Error(text)
  }
  await runLoad({ clients: CLIENTS, seconds: 2, work })
  const figures = await runLoad({ clients: CLIENTS, seconds: SECONDS, work })
  await close()
  return figures
}
