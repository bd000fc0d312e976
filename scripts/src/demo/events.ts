import { envelopeSchema, type Envelope } from '@countinghouse/shared/messaging/event'
import { EVENTS_EXCHANGE } from '@countinghouse/shared/messaging/topology'
import { connect } from 'amqplib'

/** Tells of every event as it passes, through a queue of one's own that goes when the watcher goes. */
export const watchEvents = async (
  rabbitmqUrl: string,
  onEvent: (event: Envelope) => void,
): Promise<() => Promise<void>> => {
  const connection = await connect(rabbitmqUrl, { noDelay: true })
  const channel = await connection.createChannel()
  const { queue } = await channel.assertQueue('', { exclusive: true })
  await channel.bindQueue(queue, EVENTS_EXCHANGE, '#')
  await channel.consume(
    queue,
    (message) => {
      if (message) onEvent(envelopeSchema.parse(JSON.parse(message.content.toString())))
    },
    { noAck: true },
  )
  return () => connection.close()
}
