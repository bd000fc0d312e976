import type { ConsumeMessage } from 'amqplib'
import { gauge } from '../metrics.js'
import type { StreamReader } from './stream.js'

const lag = gauge('projection_lag_seconds', 'How far behind now a projection is known to be complete', ['projection'])

const LOOK_EVERY_MS = 1000

/**
 * Measures how old a projection is: nothing while all that came is projected, else the age of the oldest event that
 * waits; without a reader it grows.
 */
export const watchLag = (projection: string, current: () => StreamReader | undefined): { stop(): void } => {
  let completeTo = Date.now()
  const look = () => {
    const reader = current()
    if (reader?.isOpen()) completeTo = timeOf(reader.oldest()) ?? completeTo
    lag.set({ projection }, Math.max(0, Date.now() - completeTo) / 1000)
  }
  const timer = setInterval(look, LOOK_EVERY_MS)
  return {
    stop: () => {
      clearInterval(timer)
    },
  }
}

const timeOf = (message: ConsumeMessage | undefined): number | undefined => {
  if (!message) return Date.now()
  try {
    const { time } = JSON.parse(message.content.toString()) as { time?: string }
    return Date.parse(time ?? '') || undefined
  } catch {
    return undefined
  }
}
