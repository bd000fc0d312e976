import { accountSyncDue } from '../contracts/accountSync.js'
import { bookEntryDue } from '../contracts/books.js'
import { disbursementFailed, loanApproved } from '../contracts/loan.js'
import { userRegistered } from '../contracts/auth.js'
import { stockLow, stockTurned } from '../contracts/inventory.js'
import { disputeClosed, disputeOpened, paymentActionRequired, paymentAuthorized, paymentCanceled, paymentFailed, paymentSucceeded, refundFailed, refundSucceeded } from '../contracts/payment.js' // prettier-ignore
import { remittanceCancelled, remittanceCompleted, remittanceFailed, remittanceReturned, remittanceSent, remittanceTaken } from '../contracts/remittance.js' // prettier-ignore
import { walletClosed, walletCredited, walletDebited, walletFrozen, walletOpened, walletUnfrozen } from '../contracts/wallet.js' // prettier-ignore
import type { EventContract } from './event.js'
import { managementOf } from './management.js'

/** Every exchange, queue, binding and policy of the platform; services check that they are there, and never declare. */
export const EVENTS_EXCHANGE = 'ch.events'
export const RETRY_EXCHANGE = 'ch.retry'
export const DEAD_LETTER_EXCHANGE = 'ch.dlx'
const UNROUTED_EXCHANGE = 'ch.unrouted'

/** All events, in a stream that keeps them: what projections are built and rebuilt from. */
export const EVENT_STREAM = 'reporting.events'

/** Which events each consuming service and purpose takes. */
export const QUEUES = {
  'wallet.user-events': [userRegistered],
  'wallet.loan-events': [loanApproved],
  'wallet.books-events': [bookEntryDue],
  'wallet.account-syncs': [accountSyncDue],
  'wallet.webhook-events': [
    ...[walletOpened, walletCredited, walletDebited, walletFrozen, walletUnfrozen, walletClosed],
    ...[paymentActionRequired, paymentAuthorized, paymentSucceeded, paymentFailed, paymentCanceled],
    ...[refundSucceeded, refundFailed, disputeOpened, disputeClosed],
    ...[
      remittanceSent,
      remittanceTaken,
      remittanceCompleted,
      remittanceFailed,
      remittanceCancelled,
      remittanceReturned,
    ],
  ],
  'loan.wallet-events': [walletCredited, disbursementFailed],
  'loan.movement-events': [walletDebited, walletCredited],
  'inventory.sale-payment-events': [paymentSucceeded, paymentFailed, paymentCanceled, refundSucceeded, refundFailed],
  'inventory.shop-stock-events': [stockTurned],
  'inventory.order-payment-events': [paymentSucceeded, paymentFailed, paymentCanceled, refundSucceeded, refundFailed],
  'inventory.reorder-events': [stockLow],
} as const satisfies Record<string, readonly EventContract[]>

export type QueueName = keyof typeof QUEUES

/** The gaps between the tries of a failing message; after the last one it goes to the dead letters. */
export const RETRY_DELAYS_MS = [5_000, 30_000, 300_000] as const

export const retryKeyOf = (queue: string, delayMs: number): string => `${queue}.${(delayMs / 1000).toString()}s`
export const retryQueueOf = (queue: string, delayMs: number): string => `${queue}.retry.${(delayMs / 1000).toString()}s`
export const deadLetterQueueOf = (queue: string): string => `${queue}.dlq`

/** The topology in the form of RabbitMQ's definitions import, for one virtual host: all of it, or what one service reads. */
export const definitions = (service?: string) => {
  const owner = service?.replace('-service', '.') ?? ''
  const owned = Object.entries(QUEUES).filter(([queue]) => queue.startsWith(owner))
  const queues = owned.map(([queue]) => queue)
  return {
    exchanges: [
      exchange(EVENTS_EXCHANGE, 'topic', { 'alternate-exchange': UNROUTED_EXCHANGE }),
      exchange(RETRY_EXCHANGE, 'topic', { 'alternate-exchange': UNROUTED_EXCHANGE }),
      exchange(DEAD_LETTER_EXCHANGE, 'topic', { 'alternate-exchange': UNROUTED_EXCHANGE }),
      exchange(UNROUTED_EXCHANGE, 'fanout'),
    ],
    queues: [
      quorum('ch.unrouted'),
      { name: EVENT_STREAM, durable: true, auto_delete: false, arguments: { 'x-queue-type': 'stream' } },
      quorum(deadLetterQueueOf(EVENT_STREAM)),
      ...queues.flatMap((queue) => [
        quorum(queue),
        quorum(deadLetterQueueOf(queue)),
        ...RETRY_DELAYS_MS.map((delayMs) => retryQueue(queue, delayMs)),
      ]),
    ],
    bindings: [
      binding(UNROUTED_EXCHANGE, 'ch.unrouted', ''),
      binding(EVENTS_EXCHANGE, EVENT_STREAM, '#'),
      binding(DEAD_LETTER_EXCHANGE, deadLetterQueueOf(EVENT_STREAM), EVENT_STREAM),
      ...owned.flatMap(([queue, contracts]) => [
        ...contracts.map(({ routingKey }) => binding(EVENTS_EXCHANGE, queue, routingKey)),
        ...RETRY_DELAYS_MS.map((delayMs) =>
          binding(RETRY_EXCHANGE, retryQueueOf(queue, delayMs), retryKeyOf(queue, delayMs)),
        ),
        binding(DEAD_LETTER_EXCHANGE, deadLetterQueueOf(queue), queue),
      ]),
    ],
    policies: [...queues.map(workPolicy), retryPolicy, deadLetterPolicy],
  }
}

const exchange = (name: string, type: string, args: object = {}) => ({
  name, type, durable: true, auto_delete: false, internal: false, arguments: args,
}) // prettier-ignore

const quorum = (name: string, args: object = {}) => ({
  name, durable: true, auto_delete: false, arguments: { 'x-queue-type': 'quorum', ...args },
}) // prettier-ignore

// One queue per delay: a message's time to live only runs out at the head of its queue.
const retryQueue = (queue: string, delayMs: number) =>
  quorum(retryQueueOf(queue, delayMs), {
    'x-message-ttl': delayMs,
    'x-dead-letter-exchange': '',
    'x-dead-letter-routing-key': queue,
  })

const binding = (source: string, destination: string, routing_key: string) => ({
  source, destination, destination_type: 'queue', routing_key, arguments: {},
}) // prettier-ignore

const neverLose = { 'dead-letter-strategy': 'at-least-once', overflow: 'reject-publish' }
const literally = (name: string) => name.replaceAll('.', '\\.')

const workPolicy = (queue: string) => ({
  name: `work-${queue}`,
  pattern: `^${literally(queue)}$`,
  'apply-to': 'queues',
  priority: 10,
  definition: {
    ...neverLose,
    'delivery-limit': 5,
    'dead-letter-exchange': DEAD_LETTER_EXCHANGE,
    'dead-letter-routing-key': queue,
    'max-length': 100_000,
  },
})

const retryPolicy = { name: 'retry', pattern: '\\.retry\\.', 'apply-to': 'queues', priority: 5, definition: neverLose }
const deadLetterPolicy = {
  name: 'dead-letters',
  pattern: '\\.dlq$',
  'apply-to': 'queues',
  priority: 5,
  definition: { overflow: 'reject-publish', 'max-length': 1_000_000 },
}

export type TopologyOptions = {
  adminUrl: string
  vhost: string
  /** Whose queues are wanted; everybody's, unless it is said. */
  service?: string | undefined
}

/** Makes the virtual host if need be and brings its topology up to date, through RabbitMQ's management API. */
export const applyTopology = async ({ adminUrl, vhost, service }: TopologyOptions): Promise<void> => {
  const { call, username } = managementOf(adminUrl)
  const name = encodeURIComponent(vhost)
  await call('PUT', `vhosts/${name}`, {})
  await call('PUT', `permissions/${name}/${encodeURIComponent(username)}`, { configure: '.*', write: '.*', read: '.*' })
  const wanted = definitions(service)
  await call('POST', `definitions/${name}`, wanted)
  // An import adds and changes, and takes nothing away: a queue would go on getting what nobody handles any more.
  const bound = (await call('GET', `exchanges/${name}/${EVENTS_EXCHANGE}/bindings/source`)) as Bound[]
  const isOurs = ({ destination }: Bound) => wanted.queues.some((queue) => queue.name === destination)
  const isWanted = ({ destination, routing_key }: Bound) =>
    wanted.bindings.some(
      (one) => one.source === EVENTS_EXCHANGE && one.destination === destination && one.routing_key === routing_key,
    )
  for (const one of bound.filter((each) => isOurs(each) && !isWanted(each))) {
    const [queue, key] = [encodeURIComponent(one.destination), encodeURIComponent(one.properties_key)]
    await call('DELETE', `bindings/${name}/e/${EVENTS_EXCHANGE}/q/${queue}/${key}`)
  }
}

type Bound = { destination: string; routing_key: string; properties_key: string }
