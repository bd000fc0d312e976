import { setTimeout as pause } from 'node:timers/promises'
import type { ConfirmChannel, ConsumeMessage } from 'amqplib'
import { createSignal } from './signal.js'
import { EVENT_STREAM } from './topology.js'

/** Reads the event stream on one channel; what is read stays at hand until it is settled. */
export interface StreamReader {
  /** The oldest messages that are not settled, at least one; none when the channel or the stream is gone. */
  next(): Promise<ConsumeMessage[]>
  /** The same, or none when nothing comes in time. */
  nextWithin(limitMs: number): Promise<ConsumeMessage[]>
  settle(messages: readonly ConsumeMessage[]): void
  oldest(): ConsumeMessage | undefined
  isOpen(): boolean
  /** Reads no more. */
  end(): void
}

const BATCH_MAX = 100

export const readStream = async (channel: ConfirmChannel, offset: number | 'first'): Promise<StreamReader> => {
  const unsettled: ConsumeMessage[] = []
  const arrival = createSignal()
  let open = true
  const end = () => {
    open = false
    arrival.raise()
  }
  channel.once('close', end)
  // The next batch arrives while this one is worked on.
  await channel.prefetch(2 * BATCH_MAX)
  const onMessage = (message: ConsumeMessage | null) => {
    if (message === null) return end()
    unsettled.push(message)
    arrival.raise()
  }
  await channel.consume(EVENT_STREAM, onMessage, { arguments: { 'x-stream-offset': offset } })
  const next = async (): Promise<ConsumeMessage[]> => {
    while (open && unsettled.length === 0) await arrival.wait()
    return open ? unsettled.slice(0, BATCH_MAX) : []
  }
  return {
    next,
    nextWithin: (limitMs) => Promise.race([next(), pause(limitMs, [], { ref: false })]),
    settle: (messages) => {
      const last = messages.at(-1)
      if (!open || !last) return
      unsettled.splice(0, messages.length)
      channel.ack(last, true)
    },
    oldest: () => unsettled[0],
    isOpen: () => open,
    end,
  }
}

export const offsetOf = (message: ConsumeMessage): number => Number(message.properties.headers?.['x-stream-offset'])
