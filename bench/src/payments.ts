import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from '@countinghouse/scripts/kit/ports'
import { provisionServers, type Servers } from '@countinghouse/scripts/servers'
import { signWebhook } from '@countinghouse/shared/testing/bareWebhooks'
import { eventually } from '@countinghouse/shared/testing/eventually'
import type { Connection } from 'mongoose'
import { Pool } from 'undici'
import { runLoad, type Figures } from './load.js'
import { SECRET, startBare } from './paymentsBare.js'
import { report, type Row } from './report.js'
import { openBank } from './walletService.js'

const CLIENTS = 64
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 15)
const WARM_SECONDS = Math.min(2, SECONDS)
const BARE = 'bare Express and one insert'

/** Webhooks of the payment provider: how many a second are taken, beside a bare handler, and how soon they have taken effect. */
const bench = async (servers: Servers): Promise<void> => {
  const bank = await openBank(servers)
  const [port = 0] = await freePorts(1)
  const bare = await startBare(servers.mongodbUri, port)
  const rows: Row[] = [{ name: BARE, figures: await send('bare', bare.url) }]
  bare.stop()
  const service = await bank.start({ STRIPE_WEBHOOK_SECRETS: SECRET })
  rows.push({ name: 'webhooks taken', baseline: BARE, figures: await send('taken', service.url) })
  const takenAt = performance.now()
  const behind = await countDue(bank.db)
  await eventually(async () => {
    if ((await countDue(bank.db)) > 0) throw new Error('Events are still due')
  }, 600_000)
  const facts = {
    'behind at the end': behind,
    'seconds until none was': Math.round((performance.now() - takenAt) / 1000),
  }
  await service.stop()
  await bank.close()
  report('payments: webhook intake', rows, facts)
}

const countDue = (db: Connection): Promise<number> => db.collection('provider_events_due').countDocuments()

const send = async (name: string, url: string): Promise<Figures> => {
  console.log(name)
  const pool = new Pool(url, { connections: CLIENTS })
  let next = 0
  const work = async (): Promise<void> => {
    const payload = eventOf(`${name}_${next++}`)
    const headers = { 'content-type': 'application/json', 'stripe-signature': signWebhook(payload, SECRET) }
    const { statusCode, body } = await pool.request({
      method: 'POST',
      path: '/webhooks/stripe',
      headers,
      body: payload,
    })
    const text = await body.text()
    if (statusCode !== 200) throw new Error(text)
  }
  await runLoad({ clients: CLIENTS, seconds: WARM_SECONDS, work })
  const figures = await runLoad({ clients: CLIENTS, seconds: SECONDS, work })
  await pool.close()
  return figures
}

// Of a payment that another program made: what is measured is the door, not the ledger.
const eventOf = (id: string): string =>
  JSON.stringify({
    ...{ id: `evt_${id}`, object: 'event', type: 'payment_intent.succeeded', created: Math.floor(Date.now() / 1000) },
    data: {
      object: {
        ...{ id: `pi_${id}`, object: 'payment_intent', status: 'succeeded', amount: 5000, amount_received: 5000 },
        ...{ amount_capturable: 0, currency: 'usd', client_secret: null, next_action: null, last_payment_error: null },
        ...{ latest_charge: `ch_${id}`, cancellation_reason: null, metadata: {} },
      },
    },
  })

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
