import { randomUUID } from 'node:crypto'
import type { Servers } from '@countinghouse/scripts/servers'
import type { Connection } from 'mongoose'
import { openBank, type Bank } from './bank.js'
import { openBaseline } from './baseline.js'
import { openCaller } from './caller.js'
import type { Ground, Service } from './ground.js'
import { runLoad } from './load.js'
import { measureReads } from './reads.js'
import { atLeast, atMost, figuresOf, ratioOf, type Measured, type Row } from './measured.js'

const ACCOUNTS = 1_000
const CLIENTS = 64
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 15)

/** Measures the ledger through the whole service, beside one plain transaction per transfer in the same run. */
export const bench = async (ground: Ground): Promise<Measured> => {
  const rows = await measureBaseline(ground.servers)
  const bank = await openBank(ground)
  const service = await bank.start('wallet-service')
  console.log(`opening ${ACCOUNTS} wallets`)
  const wallets = await bank.openWallets(service, ACCOUNTS)
  const facts: Record<string, string | number> = {}
  rows.push(...(await measureService(bank, service, wallets, facts)))
  rows.push(await measureTwoProcesses(bank, service, wallets))
  const reads = await measureReads(bank, service, wallets)
  rows.push(...reads.rows)
  Object.assign(facts, reads.facts)
  return { title: 'Transfers through the whole service', rows, facts, aims: aimsOf(rows, facts) }
}

const aimsOf = (rows: Row[], facts: Measured['facts']) => [
  atLeast('transfers a second, uniform', 2_500, figuresOf(rows, 'service, uniform').perSecond),
  atMost('p99 ms, uniform', 80, figuresOf(rows, 'service, uniform').p99Ms),
  atLeast('uniform, beside the raw driver', 2.5, ratioOf(rows, 'service, uniform', 'raw driver, uniform')),
  atLeast('hot payer, beside the raw driver', 50, ratioOf(rows, 'service, hot payer', 'raw driver, hot')),
  atLeast('hot payer, beside uniform', 0.9, ratioOf(rows, 'service, hot payer', 'service, uniform')),
  atLeast('hot payee, beside uniform', 0.9, ratioOf(rows, 'service, hot payee', 'service, uniform')),
  atMost('p50 ms, one client', 4, figuresOf(rows, 'service, one client').p50Ms),
  atLeast(
    'transfers a second, in atomic batches of 100',
    5_000,
    figuresOf(rows, 'service, in batches of 100').perSecond,
  ),
  atMost('bytes a transfer, with indexes', 900, Number(facts['bytes a transfer, with indexes'])),
]

const anyOf = (count: number): number => Math.floor(Math.random() * count)
const twoOf = (count: number): [number, number] => {
  const from = anyOf(count)
  return [from, (from + 1 + anyOf(count - 1)) % count]
}

const measureBaseline = async (servers: Servers): Promise<Row[]> => {
  const { transfer, close } = await openBaseline(servers.mongodbUri, ACCOUNTS)
  const load = (work: () => Promise<void>) => runLoad({ clients: CLIENTS, seconds: SECONDS, work })
  console.log('baseline, uniform')
  const uniform = await load(() => transfer(...twoOf(ACCOUNTS)))
  console.log('baseline, hot')
  const hot = await load(() => transfer(0, 1 + anyOf(ACCOUNTS - 1)))
  await close()
  return [
    { name: 'raw driver, uniform', figures: uniform },
    { name: 'raw driver, hot', figures: hot },
  ]
}

const clientOf = (bank: Bank, service: Service, connections: number) => {
  const { send, close } = openCaller(service.url, connections, bank.tokens.userToken('admin'))
  const post = async (path: string, body: object): Promise<void> => {
    const { status, text } = await send('POST', path, { headers: { 'idempotency-key': randomUUID() }, body })
    if (status >= 300) throw new Error(text)
  }
  const transferOf = (from: string | undefined, to: string | undefined) => ({
    from_wallet_id: from,
    to_wallet_id: to,
    amount: 0.01,
  })
  return { post, transferOf, close }
}

const measureService = async (
  bank: Bank,
  service: Service,
  wallets: string[],
  facts: Record<string, string | number>,
): Promise<Row[]> => {
  const { post, transferOf, close } = clientOf(bank, service, CLIENTS)
  const uniform = () => {
    const [from, to] = twoOf(wallets.length)
    return transferOf(wallets[from], wallets[to])
  }
  const load = (name: string, clients: number, work: () => Promise<void>) => {
    console.log(name)
    return runLoad({ clients, seconds: SECONDS, work })
  }
  await runLoad({ clients: CLIENTS, seconds: 3, work: () => post('/transfers', uniform()) })
  const before = await sizeOf(bank.db)
  const memoryBefore = await service.memoryMb()
  const rows: Row[] = []
  rows.push({
    name: 'service, uniform',
    baseline: 'raw driver, uniform',
    figures: await load('uniform', CLIENTS, () => post('/transfers', uniform())),
  })
  rows.push({
    name: 'service, hot payer',
    baseline: 'raw driver, hot',
    figures: await load('hot payer', CLIENTS, () =>
      post('/transfers', transferOf(wallets[0], wallets[1 + anyOf(wallets.length - 1)])),
    ),
  })
  rows.push({
    name: 'service, hot payee',
    baseline: 'raw driver, hot',
    figures: await load('hot payee', CLIENTS, () =>
      post('/transfers', transferOf(wallets[1 + anyOf(wallets.length - 1)], wallets[0])),
    ),
  })
  const after = await sizeOf(bank.db)
  facts['bytes a transfer, with indexes'] = Math.round((after.bytes - before.bytes) / (after.entries - before.entries))
  facts['service memory, MB'] = `${memoryBefore} before, ${await service.memoryMb()} after`
  rows.push({ name: 'service, one client', figures: await load('one client', 1, () => post('/transfers', uniform())) })
  const batch = () => ({ atomic: true, transfers: Array.from({ length: 100 }, uniform) })
  const batches = await load('atomic batches of 100, 16 clients', 16, () => post('/transfers/batch', batch()))
  rows.push({ name: 'service, in batches of 100', figures: { ...batches, perSecond: batches.perSecond * 100 } })
  await close()
  return rows
}

const measureTwoProcesses = async (bank: Bank, service: Service, wallets: string[]): Promise<Row> => {
  console.log('two processes on one database')
  const other = await bank.start('wallet-service')
  const [one, two] = [clientOf(bank, service, CLIENTS / 2), clientOf(bank, other, CLIENTS / 2)]
  const figures = await runLoad({
    clients: CLIENTS,
    seconds: SECONDS,
    work: (client) => {
      const [from, to] = twoOf(wallets.length)
      const { post, transferOf } = client % 2 ? one : two
      return post('/transfers', transferOf(wallets[from], wallets[to]))
    },
  })
  await Promise.all([one.close(), two.close()])
  await other.stop()
  return { name: 'two processes, uniform', baseline: 'raw driver, uniform', figures }
}

const sizeOf = async (db: Connection) => {
  const stats = await db.db?.command({ dbStats: 1 })
  const entries = await db.collection('entries').estimatedDocumentCount()
  return { bytes: Number(stats?.['storageSize']) + Number(stats?.['indexSize']), entries }
}
