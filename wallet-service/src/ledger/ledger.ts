import { faultPoint } from '@countinghouse/shared/fault'
import type { Envelope } from '@countinghouse/shared/messaging/event'
import { addToOutbox } from '@countinghouse/shared/messaging/outbox'
import { counter } from '@countinghouse/shared/metrics'
import { applyCompanion, type CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { inTransaction, type Tx } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { refuse } from '../errors.js'
import { decideEntry, type EntryDraft, type Posted } from './domain.js'
import { entryEvents } from './events.js'
import { findEntryByKey, insertEntry, loadAccounts, saveAccounts } from './store.js'

/** What is to be entered, and what commits with it or not at all. */
export type LedgerRequest = {
  readonly draft: EntryDraft
  /** Writes beside the books (an inbox row, an idempotency answer); a miss refuses this request alone. */
  readonly companions?: (posted: Posted) => readonly CompanionWrite[]
  /** Events beside those that every entry sends. */
  readonly events?: (posted: Posted) => readonly Envelope[]
}

/** The only way a balance changes. */
export interface Ledger {
  /** Answers once the entry is durable. Refuses what the rules of the books refuse, and a key that is in the books. */
  submit(request: LedgerRequest): Promise<Posted>
}

const QUEUE_MAX = 10_000

const posted = counter('ledger_entries_total', 'Entries posted', ['kind'])

/** A single sequencer: requests are decided and committed one after another, in the order they came. */
export const createLedger = ({ db, now }: { db: Connection; now: () => Date }): Ledger => {
  let last: Promise<unknown> = Promise.resolve()
  let waiting = 0
  return {
    submit: (request) => {
      if (waiting >= QUEUE_MAX) throw refuse('ledger_busy')
      waiting += 1
      const turn = last.then(() => inTransaction(db, (tx) => commit(tx, request, now()))).finally(() => (waiting -= 1))
      last = turn.catch(() => undefined)
      return turn
    },
  }
}

const commit = async (tx: Tx, { draft, companions, events }: LedgerRequest, now: Date): Promise<Posted> => {
  const known = await findEntryByKey(tx, draft.key)
  if (known) throw refuse('entry_exists', { entry_id: known._id })
  const touched = [...new Set(draft.postings.map(({ accountId }) => accountId))]
  const result = decideEntry(draft, await loadAccounts(tx, touched, now), now)
  for (const write of companions?.(result) ?? []) await applyCompanion(tx, write)
  await saveAccounts(tx, [...result.accounts.values()])
  await insertEntry(tx, result.entry)
  await addToOutbox(tx, ...entryEvents(result), ...(events?.(result) ?? []))
  faultPoint('ledger:before-commit')
  posted.inc({ kind: draft.kind })
  return result
}
