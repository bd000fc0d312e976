import { expect, test } from '@jest/globals'
import { QUEUES, RETRY_DELAYS_MS, deadLetterQueueOf, definitions, retryKeyOf, retryQueueOf } from './topology.js'

const { exchanges, queues, bindings, policies } = definitions()
const queueNames = queues.map(({ name }) => name)

test('every queue is replicated, and nothing that is bound is missing', () => {
  for (const { arguments: args } of queues)
    expect(['quorum', 'stream']).toContain((args as Record<string, unknown>)['x-queue-type'])
  for (const { source, destination } of bindings) {
    expect(exchanges.map(({ name }) => name)).toContain(source)
    expect(queueNames).toContain(destination)
  }
})

test.each(Object.keys(QUEUES))(
  '%s can fail: it has its delays, its dead letters and a limit of deliveries',
  (queue) => {
    for (const delayMs of RETRY_DELAYS_MS)
      expect(bindings).toContainEqual(
        expect.objectContaining({ routing_key: retryKeyOf(queue, delayMs), destination: retryQueueOf(queue, delayMs) }),
      )
    expect(queueNames).toContain(deadLetterQueueOf(queue))
    const policy = policies.find(({ pattern }) => new RegExp(pattern).test(queue))
    expect(policy?.definition).toMatchObject({ 'delivery-limit': 5, 'dead-letter-routing-key': queue })
  },
)

test('an event that no queue takes is kept where it is seen', () => {
  for (const exchange of exchanges.filter(({ type }) => type === 'topic'))
    expect(exchange.arguments).toEqual({ 'alternate-exchange': 'ch.unrouted' })
})
