import { toJsonSchema } from '@countinghouse/shared/http/jsonSchema'
import { envelopeSchema } from '@countinghouse/shared/messaging/event'
import { EVENTS_EXCHANGE, QUEUES } from '@countinghouse/shared/messaging/topology'
import type { DescribedEvent } from './contracts.js'

/** AsyncAPI 3: who sends which event, and which queues bring it to whom; data as it travels, before it is decoded. */
export const toAsyncApi = (events: readonly DescribedEvent[]) => ({
  asyncapi: '3.0.0',
  info: {
    title: 'Countinghouse events',
    version: '1.0.0',
    description:
      'CloudEvents in JSON over RabbitMQ: sent if, and only if, the change commits; delivered at least once. ' +
      'A consumer lets unknown fields pass; a breaking change is a new version, so a new type.',
  },
  defaultContentType: 'application/json',
  channels: { ...Object.fromEntries(events.map(eventChannel)), ...Object.fromEntries(queues.map(queueChannel)) },
  operations: { ...Object.fromEntries(events.map(sending)), ...Object.fromEntries(queues.map(receiving)) },
  components: {
    messages: Object.fromEntries(events.map(toMessage)),
    schemas: { Envelope: toJsonSchema(envelopeSchema, 'input') },
  },
})

const queues = Object.entries(QUEUES)
type Queue = (typeof queues)[number]

type Named = [name: string, definition: object]

const keyOf = (name: string): string => name.replaceAll('.', '-')
const refTo = (...steps: string[]) => ({ $ref: `#/${steps.join('/')}` })

const eventChannel = ({ routingKey }: DescribedEvent): Named => {
  const exchange = { name: EVENTS_EXCHANGE, type: 'topic', durable: true, autoDelete: false }
  return [
    keyOf(routingKey),
    {
      address: routingKey,
      messages: { event: refTo('components', 'messages', keyOf(routingKey)) },
      bindings: { amqp: { is: 'routingKey', exchange } },
    },
  ]
}

const queueChannel = ([name, contracts]: Queue): Named => [
  keyOf(name),
  {
    address: name,
    messages: Object.fromEntries(
      contracts.map(({ routingKey }) => [keyOf(routingKey), refTo('components', 'messages', keyOf(routingKey))]),
    ),
    bindings: { amqp: { is: 'queue', queue: { name, durable: true, exclusive: false, autoDelete: false } } },
  },
]

const sending = ({ routingKey, source }: DescribedEvent): Named => [
  `send-${keyOf(routingKey)}`,
  {
    action: 'send',
    title: `${source} tells it`,
    channel: refTo('channels', keyOf(routingKey)),
    messages: [refTo('channels', keyOf(routingKey), 'messages', 'event')],
  },
]

const receiving = ([name, contracts]: Queue): Named => [
  `receive-${keyOf(name)}`,
  {
    action: 'receive',
    title: `${name.split('.', 1)[0] ?? ''}-service takes it`,
    channel: refTo('channels', keyOf(name)),
    messages: contracts.map(({ routingKey }) => refTo('channels', keyOf(name), 'messages', keyOf(routingKey))),
  },
]

const toMessage = ({ routingKey, type, schema, sample }: DescribedEvent): Named => [
  keyOf(routingKey),
  {
    name: type,
    contentType: 'application/json',
    payload: {
      allOf: [
        refTo('components', 'schemas', 'Envelope'),
        { type: 'object', properties: { type: { const: type }, data: toJsonSchema(schema, 'input') } },
      ],
    },
    examples: [{ payload: sample }],
  },
]
