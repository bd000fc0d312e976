import type { ConsumeMessage } from 'amqplib'
import { mongo, type Connection } from 'mongoose'
import { runInContext } from '../context.js'
import { isOutage } from '../mongo/outage.js'
import { inTransaction, type Tx } from '../mongo/transaction.js'
import { Refusal } from '../refusal.js'
import { contextOf, parseEvent } from './delivery.js'
import { spanned } from './handling.js'
import type { Envelope } from './event.js'
import { inbox, toInboxRow, type InboxRow } from './inbox.js'
import { buffered } from './buffered.js'
import { copyNameOf, inCopy, toCopy } from './copy.js'
import { positionAfter, positions, takePosition, type Position } from './position.js'
import type { Projector } from './projector.js'
import { offsetOf } from './stream.js'

/** One message of the stream as a projection sees it: an event, if it can be read, and what it does here, if anything. */
export type Reading = {
  readonly message: ConsumeMessage
  readonly event?: Envelope
  readonly projector?: Pick<Projector, 'apply'> | undefined
  /** Why the message belongs with the dead letters. */
  readonly fault?: unknown
}

export const readWith = (
  projectors: readonly Projector[],
  others?: Pick<Projector, 'apply'>,
): ((message: ConsumeMessage) => Reading) => {
  const byType = new Map(projectors.map((projector) => [projector.contract.type, projector]))
  const contracts = new Map(projectors.map(({ contract }) => [contract.type, contract]))
  return (message) => {
    try {
      const event = parseEvent(message, contracts)
      return { message, event, projector: byType.get(event.type) ?? others }
    } catch (fault) {
      return { message, fault }
    }
  }
}

/** Thrown when the projection has been sent back to the first event since its reader began. */
export class StartedOver extends Error {}

export type Batch = {
  readonly db: Connection
  readonly position: Position
  readonly readings: readonly Reading[]
  readonly bury: (reading: Reading) => Promise<void>
}

export type Outcome = 'applied' | 'duplicate' | 'ignored' | 'dlq'

/** Projects the messages that are still unread and moves the position behind the last of them: all or nothing. */
export const projectBatch = ({ db, position: { _id: name, generation }, readings, bury }: Batch): Promise<Outcome[]> =>
  inTransaction(db, async (tx) => {
    const position = await takePosition(tx, name)
    if (position.generation !== generation) throw new StartedOver('The projection was sent back to the first event')
    const unread = readings.filter(({ message }) => offsetOf(message) > position.offset)
    const last = unread.at(-1)
    if (!last) return []
    // Written first: a replica with the same messages conflicts here, before it has done anything with them.
    const times = unread.flatMap(({ event }) => (event ? [event.time] : []))
    await tx.replace(positions, positionAfter(position, last.message, times))
    const fresh = await rememberFresh(tx, copyNameOf(position), unread)
    const target = buffered(inCopy(tx, position.copy), (into) => toCopy(into, position.copy))
    const outcomes: Outcome[] = []
    for (const reading of unread) {
      if (reading.fault !== undefined) await bury(reading)
      outcomes.push(reading.fault === undefined ? await applyOnce(target.tx, reading, fresh) : 'dlq')
    }
    await target.flush()
    return outcomes
  })

/** Adds to the inbox, in one go, the events that it has not; answers their ids. */
const rememberFresh = async (tx: Tx, name: string, readings: readonly Reading[]): Promise<Set<string>> => {
  const rows = new Map<string, InboxRow>()
  for (const { event, projector, fault } of readings)
    if (event && projector && fault === undefined) rows.set(event.id, toInboxRow(name, event))
  if (rows.size === 0) return new Set()
  const known = await tx.find(inbox, { _id: { $in: [...rows.values()].map(({ _id }) => _id) } })
  for (const { eventId } of known) rows.delete(eventId)
  if (rows.size > 0) await tx.insert(inbox, ...rows.values())
  return new Set(rows.keys())
}

const applyOnce = async (tx: Tx, { event, projector }: Reading, fresh: Set<string>): Promise<Outcome> => {
  if (!event || !projector) return 'ignored'
  if (!fresh.delete(event.id)) return 'duplicate'
  await spanned(`projection ${event.type}`, event, (traceparent) =>
    runInContext(contextOf(event, traceparent), () => projector.apply(tx, event)),
  )
  return 'applied'
}

/** True for a failure that says nothing about the events in hand. */
export const isPassing = (error: unknown): boolean =>
  isOutage(error) ||
  (error instanceof Refusal && error.status >= 500) ||
  (error instanceof mongo.MongoError && error.hasErrorLabel('TransientTransactionError'))
