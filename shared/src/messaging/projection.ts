import type { ConfirmChannel, ConsumeMessage } from 'amqplib'
import type { Connection } from 'mongoose'
import { setTimeout as pause } from 'node:timers/promises'
import { runInContext } from '../context.js'
import type { Log } from '../log.js'
import { counter, gauge } from '../metrics.js'
import { defineCollection } from '../mongo/collection.js'
import { inTransaction, native, type Tx } from '../mongo/transaction.js'
import type { Broker } from './broker.js'
import { toDeadLetters, type Consumer } from './consumer.js'
import { PoisonMessage, contextOf, parseEvent } from './delivery.js'
import type { Envelope, EventContract } from './event.js'
import { inbox, toInboxRow } from './inbox.js'
import { createKeyedQueue } from './keyedQueue.js'
import { EVENT_STREAM } from './topology.js'
import type { z } from 'zod'

/** How far a projection has read the event stream. */
type Position = { _id: string; offset: number }

export const positions = defineCollection<Position>('positions', { offset: { type: Number, required: true } })

/** What one type of event does to a projection. */
export type Projector = {
  readonly contract: EventContract
  apply(tx: Tx, event: Envelope & { data: unknown }): Promise<void>
}

export const project = <Schema extends z.ZodType>(
  contract: EventContract<Schema>,
  apply: (tx: Tx, data: z.output<Schema>, event: Envelope) => Promise<void>,
): Projector => ({ contract, apply: (tx, event) => apply(tx, event.data as z.output<Schema>, event) })

export type ProjectionOptions = {
  name: string
  projectors: readonly Projector[]
  db: Connection
  broker: Broker
  log: Log
}

const PREFETCH = 100
const TRY_AGAIN_AFTER_MS = 1000

const projected = counter('projection_events_total', 'Events read from the stream', ['projection', 'outcome'])
const lag = gauge('projection_lag_seconds', 'Age of the newest event read from the stream when it was projected', [
  'projection',
])

/** Reads the event stream from where the projection stands; its offset commits with what the event changed. */
export const startProjection = ({ name, projectors, db, broker, log }: ProjectionOptions): Consumer => {
  const byType = new Map(projectors.map((projector) => [projector.contract.type, projector]))
  const contracts = new Map(projectors.map(({ contract }) => [contract.type, contract]))
  const oneByOne = createKeyedQueue()
  const state: { channel?: ConfirmChannel; stopping: boolean } = { stopping: false }
  let last: Promise<unknown> = Promise.resolve()

  const applyMessage = async (channel: ConfirmChannel, message: ConsumeMessage): Promise<string> => {
    const offset = Number(message.properties.headers?.['x-stream-offset'])
    try {
      const event = parseEvent(message, contracts)
      const projector = byType.get(event.type)
      if (!projector) return 'ignored'
      lag.set({ projection: name }, (Date.now() - Date.parse(event.time)) / 1000)
      return await runInContext(contextOf(event), () => applyOnce(db, { name, offset, event, projector }))
    } catch (error) {
      if (!(error instanceof PoisonMessage)) throw error
      log.error({ err: error, offset }, 'An event in the stream is unreadable')
      await toDeadLetters(channel, EVENT_STREAM, message, error)
      return 'dlq'
    }
  }

  const receive = async (channel: ConfirmChannel, message: ConsumeMessage): Promise<void> => {
    while (!state.stopping && state.channel === channel) {
      try {
        projected.inc({ projection: name, outcome: await applyMessage(channel, message) })
        channel.ack(message)
        return
      } catch (error) {
        log.warn({ err: error }, 'An event could not be projected; trying again')
        await pause(TRY_AGAIN_AFTER_MS)
      }
    }
  }

  broker.keepChannel(EVENT_STREAM, async (channel) => {
    // What the lost channel still had in hand is finished or given up first, so that no two readers overlap.
    delete state.channel
    await last
    const { messageCount } = await channel.checkQueue(EVENT_STREAM)
    await channel.prefetch(PREFETCH)
    state.channel = channel
    const position = await native(db, positions).findOne({ _id: name })
    const offset = startFrom(position ?? undefined, messageCount)
    log.info({ projection: name, offset }, 'Reading the event stream')
    const onMessage = (message: ConsumeMessage | null) => {
      if (message === null) return void channel.close()
      last = oneByOne(name, () => receive(channel, message))
    }
    await channel.consume(EVENT_STREAM, onMessage, { arguments: { 'x-stream-offset': offset } })
  })
  return {
    stop: async () => {
      state.stopping = true
      await last
    },
  }
}

// A stream shorter than what was read of it is a new one: read it whole, the inbox knows what is old.
const startFrom = (position: Position | undefined, messageCount: number): number | 'first' =>
  position && position.offset < messageCount ? position.offset + 1 : 'first'

type Application = { name: string; offset: number; event: Envelope; projector: Projector }

const applyOnce = (db: Connection, { name, offset, event, projector }: Application): Promise<'applied' | 'duplicate'> =>
  inTransaction(db, async (tx) => {
    await tx.replace(positions, { _id: name, offset })
    if (!(await tx.insertIfAbsent(inbox, toInboxRow(name, event)))) return 'duplicate'
    await projector.apply(tx, event as Envelope & { data: unknown })
    return 'applied'
  })
