import type { ConsumeMessage } from 'amqplib'
import type { z } from 'zod'
import { compiled } from '../compiled.js'
import { nextTraceparent, type WorkContext } from '../context.js'
import type { CompanionWrite } from '../mongo/companion.js'
import type { Tx } from '../mongo/transaction.js'
import { envelopeSchema, type Envelope, type EventContract } from './event.js'

/** One event as its handler gets it. */
export type Delivery<Data> = {
  readonly event: Envelope & { readonly data: Data }
  /** Runs the effect in one transaction with the inbox row: exactly once, however often the event arrives. */
  once(effect: (tx: Tx) => Promise<void>): Promise<void>
  /** The inbox row as data, for an effect that commits elsewhere (the ledger). */
  readonly inboxWrite: CompanionWrite
  /** True when a failure now means the dead letters: the time to answer with a compensation. */
  readonly lastAttempt: boolean
}

export type Handler = { readonly contract: EventContract; handle(delivery: Delivery<unknown>): Promise<void> }

/** Binds a handler to the contract of the event it takes, and so to the type of its data. */
export const on = <Schema extends z.ZodType>(
  contract: EventContract<Schema>,
  handle: (delivery: Delivery<z.output<Schema>>) => Promise<void>,
): Handler => ({ contract, handle })

/** Thrown when the inbox says that this event's effect is committed already. */
export class AlreadyHandled extends Error {}

/** Thrown for a message that no repetition can save. */
export class PoisonMessage extends Error {
  override readonly name = 'PoisonMessage'
}

/** Parses a message by the contract of its type; throws a `PoisonMessage` that says what is wrong with it. */
export const parseEvent = (message: ConsumeMessage, contracts: ReadonlyMap<string, EventContract>): Envelope => {
  const envelope = compiled(envelopeSchema).safeParse(parseJson(message.content))
  if (!envelope.success) throw new PoisonMessage(`not a CloudEvent of ours: ${envelope.error.message}`)
  const contract = contracts.get(envelope.data.type)
  if (!contract) return envelope.data
  const data = compiled(contract.schema).safeParse(envelope.data.data)
  if (!data.success) throw new PoisonMessage(`breaks the contract ${contract.type}: ${data.error.message}`)
  return { ...envelope.data, data: data.data }
}

const parseJson = (content: Buffer): unknown => {
  try {
    return JSON.parse(content.toString())
  } catch {
    throw new PoisonMessage('not JSON')
  }
}

/** The context in which an event is handled: its trace goes on, and what it causes names it as the cause. */
export const contextOf = (event: Envelope, traceparent = nextTraceparent(event.traceparent)): WorkContext => ({
  requestId: event.id,
  traceparent,
  actor: event.actor,
  correlationId: event.correlationid,
  causationId: event.id,
})
