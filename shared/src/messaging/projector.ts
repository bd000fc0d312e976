import type { z } from 'zod'
import type { Tx } from '../mongo/transaction.js'
import type { Envelope, EventContract } from './event.js'

/** What one type of event does to a projection. */
export type Projector = { readonly contract: EventContract; apply(tx: Tx, event: Envelope): Promise<void> }

/**
 * Binds a projector to the contract of its event, and so to the type of its data. An event is applied once for as long as
 * the inbox remembers it; a stream that is read again later applies it again, so the effect must bear repetition.
 */
export const project = <Schema extends z.ZodType>(
  contract: EventContract<Schema>,
  apply: (tx: Tx, data: z.output<Schema>, event: Envelope) => Promise<void>,
): Projector => ({ contract, apply: (tx, event) => apply(tx, event.data as z.output<Schema>, event) })
