import { setTimeout as pause } from 'node:timers/promises'
import { connect, type ConfirmChannel, type RecoveringChannelModel } from 'amqplib'
import { maskUrl, type Log } from '../log.js'

/** A connection to RabbitMQ that comes back by itself, and the channels that are kept open on it. */
export interface Broker {
  /** Keeps a channel open: `open` runs on each new one, at the start and after every loss. */
  keepChannel(name: string, open: (channel: ConfirmChannel) => Promise<void>): void
  /** True while connected and every kept channel is open. */
  isReady(): boolean
  close(): Promise<void>
}

export type BrokerOptions = { url: string; service: string; log: Log }

const OPEN_AGAIN_AFTER_MS = 500

/** Connects in the background; a broker that is away is waited for, and said. */
export const connectBroker = async ({ url, service, log }: BrokerOptions): Promise<Broker> => {
  const connection = await connect(url, {
    // Nagle's algorithm costs 40 ms a message when it is left on.
    noDelay: true,
    clientProperties: { connection_name: service },
    recovery: { initialDelay: 100, maxDelay: 2000, waitForConnect: false },
  })
  const state = { connected: false, closing: false, channels: new Map<string, ConfirmChannel | undefined>() }
  watch(connection, state, log.child({ broker: maskUrl(url) }))
  return {
    keepChannel: (name, open) => void keepOpen({ name, open, connection, state, log }),
    isReady: () => state.connected && [...state.channels.values()].every((channel) => channel !== undefined),
    close: async () => {
      state.closing = true
      for (const channel of state.channels.values()) await channel?.close().catch(() => undefined)
      await connection.close().catch(() => undefined)
    },
  }
}

type State = { connected: boolean; closing: boolean; channels: Map<string, ConfirmChannel | undefined> }

const watch = (connection: RecoveringChannelModel, state: State, log: Log): void => {
  connection.on('connect', () => {
    state.connected = true
    log.info('Connected to RabbitMQ')
  })
  connection.on('disconnect', (error) => {
    state.connected = false
    if (!state.closing) log.warn({ waiting_for: 'rabbitmq', reason: String(error) }, 'RabbitMQ is gone; reconnecting')
  })
  connection.on('connect-failed', (error) => {
    log.warn({ waiting_for: 'rabbitmq', reason: String(error) }, 'Waiting for RabbitMQ')
  })
  connection.on('error', (error) => {
    log.warn({ reason: String(error) }, 'RabbitMQ connection error')
  })
  connection.on('handler-error', (error: unknown) => {
    log.error({ err: error }, 'A RabbitMQ listener threw')
  })
}

type Keeper = {
  name: string
  open: (channel: ConfirmChannel) => Promise<void>
  connection: RecoveringChannelModel
  state: State
  log: Log
}

const keepOpen = async (keeper: Keeper): Promise<void> => {
  const { name, state, log } = keeper
  state.channels.set(name, undefined)
  while (!state.closing) {
    await holdOpen(keeper).catch((error: unknown) => {
      if (!state.closing) log.warn({ channel: name, reason: String(error) }, 'RabbitMQ channel could not be opened')
    })
    state.channels.set(name, undefined)
    if (!state.closing) await pause(OPEN_AGAIN_AFTER_MS)
  }
}

/** One channel, from its opening to its loss. */
const holdOpen = async ({ name, open, connection, state, log }: Keeper): Promise<void> => {
  const channel = await connection.createConfirmChannel()
  channel.on('error', (error) => {
    log.warn({ channel: name, reason: String(error) }, 'RabbitMQ channel error')
  })
  channel.on('handler-error', (error) => {
    log.error({ channel: name, err: error }, 'A RabbitMQ channel listener threw')
  })
  // Not `once` of node:events: it rejects at an 'error', and while `open` still runs nobody would hear that.
  const closed = new Promise((resolve) => channel.once('close', resolve))
  try {
    await open(channel)
  } catch (error) {
    await channel.close().catch(() => undefined)
    throw error
  }
  state.channels.set(name, channel)
  await closed
}
