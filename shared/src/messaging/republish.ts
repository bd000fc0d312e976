import type { ConfirmChannel, ConsumeMessage } from 'amqplib'
import { DEAD_LETTER_EXCHANGE, RETRY_DELAYS_MS, RETRY_EXCHANGE, retryKeyOf } from './topology.js'

const ATTEMPT_HEADER = 'x-ch-attempt'

/** How often a message has been put off already. */
export const attemptOf = (message: ConsumeMessage): number => Number(message.properties.headers?.[ATTEMPT_HEADER] ?? 0)

/** Puts a message off by the delay of this attempt; done when the broker has confirmed it. */
export const toRetry = (
  channel: ConfirmChannel,
  queue: string,
  message: ConsumeMessage,
  attempt: number,
): Promise<void> => {
  const key = retryKeyOf(queue, RETRY_DELAYS_MS[attempt - 1] ?? 0)
  return republish(channel, { exchange: RETRY_EXCHANGE, key }, message, { [ATTEMPT_HEADER]: attempt })
}

/** Puts a message with the dead letters of its queue, with the reason in its headers. */
export const toDeadLetters = (
  channel: ConfirmChannel,
  queue: string,
  message: ConsumeMessage,
  error: unknown,
): Promise<void> =>
  republish(channel, { exchange: DEAD_LETTER_EXCHANGE, key: queue }, message, {
    'x-ch-error': error instanceof Error ? error.name : 'unknown',
    'x-ch-reason': String(error).slice(0, 2000),
    'x-ch-failed-at': new Date().toISOString(),
  })

type Target = { exchange: string; key: string }

const republish = (
  channel: ConfirmChannel,
  { exchange, key }: Target,
  message: ConsumeMessage,
  headers: Record<string, unknown>,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const old = message.properties as { messageId?: string; type?: string; contentType?: string; headers?: object }
    const { messageId = '', type = '', contentType = '' } = old
    const properties = { messageId, type, contentType, persistent: true, headers: { ...old.headers, ...headers } }
    channel.publish(exchange, key, message.content, properties, (error) => {
      if (error === null) resolve()
      else reject(error as Error)
    })
  })
