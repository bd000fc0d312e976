import { createGroupCommit, type Outcome } from '@countinghouse/shared/groupCommit'
import { counter } from '@countinghouse/shared/metrics'
import { inTransaction, readsOn } from '@countinghouse/shared/mongo/transaction'
import { refuse as refuseCommon } from '@countinghouse/shared/refusal'
import { Stripe } from 'stripe'
import { refuse } from '../errors.js'
import { takeSeen, type Deps as PaymentDeps } from '../payments/commands.js'
import type { ProviderDispute, ProviderPayment, ProviderPayout, ProviderRefund } from '../payments/provider.js'
import { findByProviderId, findPayment } from '../payments/store.js'
import { readDispute, readPayment, readPayout, readRefund } from '../payments/stripe/read.js'
import { ToldEvent } from './told.js'
import { failedAgain, kindOf, newDue, type DueEvent, type LoggedEvent } from './domain.js'
import { findLogged, logEvents, postpone, settle } from './store.js'

/** What becomes of what the provider tells; each takes it in any order, and again, without harm. */
export type Takers = {
  refund: (refund: ProviderRefund) => Promise<unknown>
  dispute: (dispute: ProviderDispute) => Promise<unknown>
  payout: (payout: ProviderPayout) => Promise<unknown>
}

export type Deps = PaymentDeps & { secrets: readonly string[]; takers: Takers }

const received = counter('payment_webhooks_total', 'Webhooks of the payment provider that came in', {
  outcome: ['new', 'duplicate', 'forged'],
})
const handled = counter('payment_events_total', 'Events of the payment provider by what became of them', [
  'kind',
  'outcome',
])

const TOLERANCE_SECONDS = 300
const GROUP_MAX = 200
const QUEUE_MAX = 5_000

export type Webhook = { body: Buffer; signature: string }

/** Takes a webhook once it is sure who sent it: it is in the log, and due, when this resolves. */
export const createIntake = ({ db, now, secrets }: Pick<Deps, 'db' | 'now' | 'secrets'>) => {
  const group = createGroupCommit<LoggedEvent, boolean>({
    commit: async (events) => {
      const unique = [...new Map(events.map((event) => [event._id, event])).values()]
      const due = unique.map((event) => newDue(event, now()))
      const isNew = await inTransaction(db, (tx) => logEvents(tx, unique, due))
      return events.map(({ _id }): Outcome<boolean> => ({ kind: 'done', result: isNew.has(_id) }))
    },
    groupMax: GROUP_MAX,
    queueMax: QUEUE_MAX,
    full: () => refuseCommon('busy'),
  })
  return async (webhook: Webhook): Promise<void> => {
    const at = now()
    if (!isGenuine(webhook, secrets, at)) {
      received.inc({ outcome: 'forged' })
      throw refuse('webhook_forged')
    }
    const isNew = await group.submit(toLogged(webhook, at))
    received.inc({ outcome: isNew ? 'new' : 'duplicate' })
  }
}

/** Signed by the provider, with one of the secrets, and not long ago. */
const isGenuine = ({ body, signature }: Webhook, secrets: readonly string[], at: Date): boolean =>
  secrets.some((secret) => {
    try {
      const verify = Stripe.webhooks.signature
      return verify?.verifyHeader(body, signature, secret, TOLERANCE_SECONDS, undefined, at.getTime()) === true
    } catch {
      return false
    }
  })

const toLogged = ({ body, signature }: Webhook, receivedAt: Date): LoggedEvent => {
  const text = body.toString('utf8')
  const told = ToldEvent.safeParse(JSON.parse(text))
  if (!told.success) throw refuseCommon('validation_failed')
  const { id, type, created, data } = told.data
  const objectId = data.object.id ?? id
  return { _id: id, type, objectId, happenedAt: new Date(created * 1000), receivedAt, body: text, signature }
}

/** Lets a logged event take effect; what cannot yet stays due. */
export const handle = async (deps: Deps, due: DueEvent): Promise<void> => {
  const event = await findLogged(readsOn(deps.db), due._id)
  const kind = event ? kindOf(event.type) : 'other'
  try {
    const outcome = event && kind !== 'other' ? await take(deps, event) : 'ignored'
    await settle(deps.db, due)
    handled.inc({ kind, outcome })
  } catch (error) {
    handled.inc({ kind, outcome: 'failed' })
    await postpone(deps.db, due, failedAgain(due, String(error), deps.now()))
    throw error
  }
}

const take = async (deps: Deps, { type, body, happenedAt }: LoggedEvent): Promise<'handled' | 'ignored'> => {
  const { object } = (JSON.parse(body) as { data: { object: unknown } }).data
  switch (kindOf(type)) {
    case 'payment':
      return takePayment(deps, readPayment(object as Stripe.PaymentIntent), happenedAt)
    case 'refund':
      await deps.takers.refund(readRefund(object as Stripe.Refund))
      return 'handled'
    case 'dispute':
      await deps.takers.dispute(readDispute(object as Stripe.Dispute))
      return 'handled'
    case 'payout':
      await deps.takers.payout(readPayout(object as Stripe.Payout))
      return 'handled'
    case 'other':
      return 'ignored'
  }
}

// What another program of the same account does at the provider is none of our business.
const takePayment = async (deps: Deps, payment: ProviderPayment, asOf: Date): Promise<'handled' | 'ignored'> => {
  const reads = readsOn(deps.db)
  const ours =
    (await findByProviderId(reads, payment.id)) ??
    (payment.paymentId === null ? undefined : await findPayment(reads, payment.paymentId))
  if (!ours) return 'ignored'
  await takeSeen(deps, ours._id, { payment, asOf, by: 'service:payment-provider' })
  return 'handled'
}
