import type { Vault } from '@countinghouse/shared/crypto'
import type { OutsideClient } from '@countinghouse/shared/http/outside'
import type { Log } from '@countinghouse/shared/log'
import { queueMail } from '@countinghouse/shared/mail/outbox'
import { counter, gauge } from '@countinghouse/shared/metrics'
import { inTransaction, native, readsOn } from '@countinghouse/shared/mongo/transaction'
import { repeat, repeatInLanes } from '@countinghouse/shared/repeat'
import type { Background } from '@countinghouse/shared/service'
import type { Connection } from 'mongoose'
import { sealContextOf } from './commands.js'
import { afterTry, isGivenUp, type Attempt, type WebhookDelivery, type WebhookEndpoint } from './domain.js'
import { disabledMail } from './mails.js'
import { signatureOf } from './signature.js'
import { claimDelivery, findEndpoint, webhookDeliveries, webhookEndpoints } from './store.js'

export type SenderDeps = { db: Connection; vault: Vault; outside: OutsideClient; now: () => Date; log: Log }

const LOOK_EVERY_MS = 500
const COUNT_EVERY_MS = 5_000
const AT_ONCE = 4
const TIMEOUT_MS = 10_000

const tried = counter('webhook_deliveries_total', 'Tries to deliver an event by what came of them', {
  outcome: ['delivered', 'retried', 'failed'],
})
const disabled = counter('webhook_endpoints_disabled_total', 'Endpoints that took nothing for three days')
const waiting = gauge('webhook_deliveries_waiting', 'Events that wait to be delivered')

/** Delivers what is due, a few at once, each by one of the replicas at a time. */
export const startWebhookSender = (deps: SenderDeps): Background => {
  const sending = repeatInLanes({
    ...{ everyMs: LOOK_EVERY_MS, atOnce: AT_ONCE, log: deps.log },
    take: () => claimDelivery(deps.db, deps.now()),
    work: (delivery) => deliver(deps, delivery),
    failure: 'Webhooks could not be looked for; trying again',
  })
  const counting = repeat({
    ...{ everyMs: COUNT_EVERY_MS, work: () => countWaiting(deps), log: deps.log },
    failure: 'The webhooks that wait could not be counted',
  })
  return { stop: async () => void (await Promise.all([sending, counting].map((one) => one.stop()))) }
}

const countWaiting = async ({ db }: SenderDeps): Promise<void> => {
  waiting.set(await native(db, webhookDeliveries).countDocuments({ dueAt: { $type: 'date' } }, { limit: 10_000 }))
}

const deliver = async (deps: SenderDeps, delivery: WebhookDelivery): Promise<void> => {
  const endpoint = await findEndpoint(readsOn(deps.db), delivery.endpointId)
  if (!endpoint || endpoint.status === 'disabled') await forget(deps, delivery)
  else await settle(deps, { endpoint, delivery, attempt: await attempt(deps, endpoint, delivery) })
}

const forget = async ({ db }: SenderDeps, { _id }: WebhookDelivery): Promise<void> => {
  await native(db, webhookDeliveries).updateOne({ _id }, { $set: { status: 'failed', dueAt: null } })
}

const attempt = async (deps: SenderDeps, endpoint: WebhookEndpoint, delivery: WebhookDelivery): Promise<Attempt> => {
  const at = deps.now()
  const began = performance.now()
  const told = await post(deps, endpoint, delivery).catch((error: unknown) => ({
    ...{ status: null, answer: null },
    error: error instanceof Error ? reasonOf(error) : 'It could not be sent',
  }))
  return { at, ...told, tookMs: Math.round(performance.now() - began) }
}

const reasonOf = (error: Error): string => (error.cause instanceof Error ? error.cause.message : error.message)

const post = async (
  { vault, outside, now }: SenderDeps,
  endpoint: WebhookEndpoint,
  { _id, type, body }: WebhookDelivery,
) => {
  const at = now()
  const signing = endpoint.secrets.filter(({ expiresAt }) => expiresAt === null || expiresAt > at)
  const secrets = signing.map(({ sealed }) => vault.open(sealed, sealContextOf(endpoint)))
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'countinghouse-webhooks',
    'countinghouse-event': type,
    'countinghouse-delivery': _id,
    'countinghouse-signature': signatureOf(secrets, body, at),
  }
  const { status, text } = await outside.post({ url: endpoint.url, headers, body, timeoutMs: TIMEOUT_MS })
  return { status, answer: text, error: null }
}

type Settling = { endpoint: WebhookEndpoint; delivery: WebhookDelivery; attempt: Attempt }

// A redelivery that was asked for meanwhile stands: the tries are then no longer those that were claimed.
const settle = async ({ db, now, log }: SenderDeps, { endpoint, delivery, attempt: last }: Settling): Promise<void> => {
  const after = afterTry(delivery, last, now())
  const { status, attempts, dueAt } = after
  const isOver = isGivenUp(endpoint, after)
  await inTransaction(db, async (tx) => {
    const claimed = { _id: delivery._id, tries: delivery.tries, triedSince: delivery.triedSince }
    await tx.update(webhookDeliveries, claimed, { $set: { status, attempts, dueAt } })
    const health =
      status === 'delivered' ? { lastSuccessAt: now(), status: 'enabled' as const } : { status: 'failing' as const }
    const change = isOver ? { status: 'disabled' as const } : health
    const inUse = { _id: endpoint._id, status: { $ne: 'disabled' as const } }
    const changed = await tx.update(webhookEndpoints, inUse, { $set: change })
    if (isOver && changed > 0 && endpoint.email) await queueMail(tx, disabledMail(endpoint, endpoint.email))
  })
  tried.inc({ outcome: status === 'pending' ? 'retried' : status })
  if (!isOver) return
  disabled.inc()
  log.warn(
    { endpoint: endpoint._id, delivery: delivery._id },
    'An endpoint took nothing for three days and is disabled',
  )
}
