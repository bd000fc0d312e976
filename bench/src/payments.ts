import { freePorts } from '@countinghouse/scripts/kit/ports'
import { signWebhook } from '@countinghouse/shared/testing/bareWebhooks'
import { eventually } from '@countinghouse/shared/testing/eventually'
import type { Connection } from 'mongoose'
import { openCaller } from './caller.js'
import type { Ground } from './ground.js'
import { runLoad, type Figures } from './load.js'
import { SECRET, startBare } from './paymentsBare.js'
import type { Measured, Row } from './measured.js'

const CLIENTS = 64
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 15)
const WARM_SECONDS = Math.min(2, SECONDS)
const BARE = 'bare Express and one insert'

/** Webhooks of the payment provider: how many a second are taken, beside a bare handler, and how soon they have taken effect. */
export const bench = async ({ servers, databaseOf, start }: Ground): Promise<Measured> => {
  const db = await databaseOf('wallet-service')
  const [port = 0] = await freePorts(1)
  const bare = await startBare(servers.mongodbUri, port)
  const rows: Row[] = [{ name: BARE, figures: await send('bare', bare.url) }]
  bare.stop()
  const service = await start('wallet-service', { STRIPE_WEBHOOK_SECRETS: SECRET })
  rows.push({ name: 'webhooks taken', baseline: BARE, figures: await send('taken', service.url) })
  const takenAt = performance.now()
  const behind = await countDue(db)
  await eventually(async () => {
    if ((await countDue(db)) > 0) throw new Error('Events are still due')
  }, 600_000)
  const facts = {
    'behind at the end': behind,
    'seconds until none was': Math.round((performance.now() - takenAt) / 1000),
  }
  return { title: 'Webhooks of the payment provider', rows, facts, aims: [] }
}

const countDue = (db: Connection): Promise<number> => db.collection('provider_events_due').countDocuments()

const send = async (name: string, url: string): Promise<Figures> => {
  console.log(name)
  const caller = openCaller(url, CLIENTS)
  let next = 0
  const work = async (): Promise<void> => {
    const payload = eventOf(`${name}_${next++}`)
    const headers = { 'stripe-signature': signWebhook(payload, SECRET) }
    const { status, text } = await caller.send('POST', '/webhooks/stripe', { headers, body: payload })
    if (status !== 200) throw new Error(text)
  }
  await runLoad({ clients: CLIENTS, seconds: WARM_SECONDS, work })
  const figures = await runLoad({ clients: CLIENTS, seconds: SECONDS, work })
  await caller.close()
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
