import type { Connection } from 'mongoose'
import { deadLetterSettledBy } from '../contracts/ops.js'
import { newEvent } from '../messaging/event.js'
import { addToOutbox } from '../messaging/outbox.js'
import { inTransaction, readsOn } from '../mongo/transaction.js'
import { refuse } from '../refusal.js'
import type { Clerk } from './clerk.js'
import { findLetter, settleLetter, type DeadLetter } from './deadLetters.js'

export type Deps = { name: string; db: Connection; now: () => Date; clerk: Pick<Clerk, 'redrive'> }
export type Decision = { id: string; status: 'redriven' | 'discarded'; by: string; note: string | null }

/** Sends a dead letter back to its queue, or puts it away; told to the audit log. */
export const decideLetter = async (deps: Deps, { id, status, by, note }: Decision): Promise<DeadLetter> => {
  const letter = await getWaiting(deps.db, id)
  // Before it is noted: a letter that is sent twice is handled once, one that is only noted never.
  if (status === 'redriven') await deps.clerk.redrive(letter)
  const settled = { status, settledBy: by, settledAt: deps.now(), note }
  await inTransaction(deps.db, async (tx) => {
    if (!(await settleLetter(tx, letter, settled))) throw refuse('dead_letter_settled', { dead_letter_id: id })
    const { queue, type } = letter
    const told = { dead_letter_id: id, queue, type, status, note }
    await addToOutbox(tx, newEvent(deadLetterSettledBy(deps.name), id, told))
  })
  return { ...letter, ...settled }
}

const getWaiting = async (db: Connection, id: string): Promise<DeadLetter> => {
  const letter = await findLetter(readsOn(db), id)
  if (!letter) throw refuse('dead_letter_not_found', { dead_letter_id: id })
  if (letter.status !== 'waiting') throw refuse('dead_letter_settled', { dead_letter_id: id })
  return letter
}
