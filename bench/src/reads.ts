import { setTimeout as pause } from 'node:timers/promises'
import type { Bank } from './bank.js'
import { openCaller } from './caller.js'
import type { Service } from './ground.js'
import { runLoad } from './load.js'
import type { Row } from './measured.js'
import { planOf } from './plans.js'

const SCALE = Number(process.env['BENCH_SCALE'] ?? 200_000)
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 15) / 3
const CLIENTS = 16
const BATCH = 1_000
// A moment is looked for with a minute's room for clocks that differ, so a past balance may pass some of the wallet's own.
const LOOKING = { collections: ['accounts', 'blocks', 'entries'], documentsMax: 2_000 }

/** What is read of one wallet, and how the database found it. */
export type Reads = { rows: Row[]; facts: Record<string, string> }

/** Reads one wallet of many, by the service, in a journal of `BENCH_SCALE` entries; throws when a read is not on an index. */
export const measureReads = async (bank: Bank, service: Service, wallets: readonly string[]): Promise<Reads> => {
  const { send, call, close } = openCaller(service.url, CLIENTS, bank.tokens.userToken('admin'))
  const any = () => wallets[Math.floor(Math.random() * wallets.length)] ?? ''
  await grow(bank, async () => {
    const pay = () => ({ from_wallet_id: any(), to_wallet_id: any(), amount: 0.01 })
    const transfers = Array.from({ length: BATCH }, pay).filter((one) => one.from_wallet_id !== one.to_wallet_id)
    await call('POST', '/transfers/batch', { atomic: true, transfers })
  })
  const past = new Date(Date.now() - 60_000).toISOString()
  const paths: Record<string, (wallet: string) => string> = {
    'balance of a wallet': (wallet) => `/wallets/${wallet}`,
    'balance a minute ago': (wallet) => `/wallets/${wallet}/balance?at=${past}`,
    'last 20 movements of a wallet': (wallet) => `/transactions?wallet_id=${wallet}&page_size=20`,
    'last 20 entries of a wallet': (wallet) => `/ledger/entries?account_id=${wallet}&page_size=20`,
  }
  const reads: Reads = { rows: [], facts: { 'entries in the journal': (await countEntries(bank)).toString() } }
  for (const [name, path] of Object.entries(paths)) {
    console.log(name)
    const figures = await runLoad({
      clients: CLIENTS,
      seconds: SECONDS,
      work: async () => void (await call('GET', path(any()))),
    })
    reads.rows.push({ name, figures })
    reads.facts[`plan, ${name}`] = await planOf(bank.db, LOOKING, () => call('GET', path(wallets.at(-1) ?? '')))
  }
  for (const [name, method, path] of [
    ['verification', 'GET', '/ledger/verify'],
    ['reconciliation', 'POST', '/ledger/reconcile'],
  ] as const) {
    // prettier-ignore
    const startedAt = performance.now()
    // Lines while it goes on, the last of them with what was found.
    const { text } = await untilFree(() => send(method, path))
    if (!text.includes('"ok":true')) throw new Error(`The ${name} found problems: ${text.slice(-2000)}`)
    reads.facts[`${name} of the whole journal, seconds`] = ((performance.now() - startedAt) / 1000).toFixed(1)
  }
  await close()
  return reads
}

// A night's own run may be under way, which no second one disturbs.
const untilFree = async <Reply extends { text: string }>(ask: () => Promise<Reply>): Promise<Reply> => {
  for (;;) {
    const reply = await ask()
    if (!reply.text.includes('"reconciliation_running"')) return reply
    await pause(500)
  }
}

const countEntries = ({ db }: Bank): Promise<number> => db.collection('entries').estimatedDocumentCount()

const grow = async (bank: Bank, enterBatch: () => Promise<void>): Promise<void> => {
  console.log(`growing the journal to ${SCALE} entries`)
  for (let missing = SCALE - (await countEntries(bank)); missing > 0; missing = SCALE - (await countEntries(bank)))
    await Promise.all(Array.from({ length: Math.min(4, Math.ceil(missing / BATCH)) }, enterBatch))
}
