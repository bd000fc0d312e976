import type { ConfirmChannel } from 'amqplib'
import type { Connection } from 'mongoose'
import type { Log } from '../log.js'
import type { Broker } from './broker.js'
import type { Consumer } from './consumer.js'
import { watchLag } from './lag.js'
import type { Projector } from './projector.js'
import { readWith } from './reading.js'
import { openSession, settle } from './session.js'
import type { StreamReader } from './stream.js'
import { EVENT_STREAM } from './topology.js'

export type ProjectionOptions = {
  name: string
  projectors: readonly Projector[]
  /** What every event does that has no projector of its own. */
  others?: Pick<Projector, 'apply'> | undefined
  db: Connection
  broker: Broker
  log: Log
}

/**
 * Reads the event stream from where the projection stands. The messages that wait are projected in one transaction with
 * the new position. What cannot be read, or fails each time, is put with the dead letters of the stream, and reading goes
 * on; while MongoDB is away it waits.
 */
export const startProjection = ({ name, projectors, others, db, broker, log: parent }: ProjectionOptions): Consumer => {
  const log = parent.child({ projection: name })
  const state: { reader?: StreamReader; stopping: boolean } = { stopping: false }
  const lag = watchLag(name, () => state.reader)
  const toReading = readWith(projectors, others)

  const readOn = async (channel: ConfirmChannel): Promise<void> => {
    const session = await openSession({ name, db, log, channel })
    if (!session || state.stopping) return
    state.reader = session.reader
    for (;;) {
      const messages = await session.reader.next()
      if (messages.length === 0) return
      await settle(session, messages.map(toReading))
      session.reader.settle(messages)
    }
  }

  const readUntilLost = async (channel: ConfirmChannel): Promise<void> => {
    if (state.stopping) return
    await readOn(channel).catch((error: unknown) => {
      log.warn({ err: error }, 'The event stream cannot be read on; opening it again')
    })
    delete state.reader
    // A closed channel is opened anew; at the stop the broker closes it.
    if (!state.stopping) await channel.close().catch(() => undefined)
  }

  let reading = Promise.resolve()
  broker.keepChannel(`projection ${name}`, async (channel) => {
    await channel.checkQueue(EVENT_STREAM)
    // What the lost channel had in hand is finished or given up first.
    reading = reading.then(() => readUntilLost(channel))
  })
  return {
    stop: async () => {
      state.stopping = true
      state.reader?.end()
      await reading
      lag.stop()
    },
  }
}
