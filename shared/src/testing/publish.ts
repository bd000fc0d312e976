import { connect } from 'amqplib'
import { routingKeyOf, type Envelope } from '../messaging/event.js'
import { EVENTS_EXCHANGE } from '../messaging/topology.js'

/** Publishes an event as a relay does, as many times as asked; done when the broker has confirmed all. */
export const publishEvent = async (rabbitmqUrl: string, event: Envelope, times = 1): Promise<void> => {
  const connection = await connect(rabbitmqUrl, { noDelay: true })
  const channel = await connection.createConfirmChannel()
  const content = Buffer.from(JSON.stringify(event))
  for (let sent = 0; sent < times; sent += 1)
    channel.publish(EVENTS_EXCHANGE, routingKeyOf(event.type), content, {
      messageId: event.id,
      type: event.type,
      persistent: true,
    })
  await channel.waitForConfirms()
  await connection.close()
}
