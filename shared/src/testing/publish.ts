import { connect } from 'amqplib'
import { routingKeyOf, type Envelope } from '../messaging/event.js'
import { EVENTS_EXCHANGE } from '../messaging/topology.js'

/** Publishes an event as a relay does, as many times as asked; done when the broker has confirmed all. */
export const publishEvent = (rabbitmqUrl: string, event: Envelope, times = 1): Promise<void> =>
  publishEvents(rabbitmqUrl, Array<Envelope>(times).fill(event))

/** Publishes events in their order. */
export const publishEvents = async (rabbitmqUrl: string, events: readonly Envelope[]): Promise<void> => {
  const connection = await connect(rabbitmqUrl, { noDelay: true })
  const channel = await connection.createConfirmChannel()
  for (const event of events) {
    const properties = { messageId: event.id, type: event.type, persistent: true }
    channel.publish(EVENTS_EXCHANGE, routingKeyOf(event.type), Buffer.from(JSON.stringify(event)), properties)
  }
  await channel.waitForConfirms()
  await connection.close()
}
