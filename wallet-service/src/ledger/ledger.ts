import { createGroupCommit } from '@countinghouse/shared/groupCommit'
import type { Envelope } from '@countinghouse/shared/messaging/event'
import { gauge } from '@countinghouse/shared/metrics'
import type { CompanionWrite } from '@countinghouse/shared/mongo/companion'
import type { Connection } from 'mongoose'
import { refuse } from '../errors.js'
import { createCommit } from './commit.js'
import type { EntryDraft, Posted } from './domain.js'

/** What is to be entered, and what commits with it or not at all. */
export type LedgerRequest = {
  /** One entry as a rule; several are entered all or none, each on what the ones before it left. */
  readonly drafts: readonly EntryDraft[]
  /** Writes beside the books (an inbox row, an idempotency answer); a miss refuses this request alone. */
  readonly companions?: (posted: Posted) => readonly CompanionWrite[]
  /** Events beside those that every entry sends. */
  readonly events?: (posted: Posted) => readonly Envelope[]
}

/** The only way a balance changes. */
export interface Ledger {
  /** Answers once the entries are durable. Refuses what the rules of the books refuse, and a key that is in the books. */
  submit(request: LedgerRequest): Promise<Posted>
}

const GROUP_MAX = 512
// Batches count by their entries, so that no commit outlives what MongoDB gives a transaction.
const ENTRIES_MAX = 4_000
const QUEUE_MAX = 10_000

const depth = gauge('ledger_queue_depth', 'Requests that wait for the ledger or are being committed')

/** The sequencer of this process: all requests that wait share one commit, decided in the order in which they came. */
export const createLedger = ({ db, now }: { db: Connection; now: () => Date }): Ledger => {
  const group = createGroupCommit<LedgerRequest, Posted>({
    commit: createCommit({ db, now }),
    groupMax: GROUP_MAX,
    weight: { of: ({ drafts }) => drafts.length, max: ENTRIES_MAX },
    queueMax: QUEUE_MAX,
    full: () => refuse('ledger_busy'),
  })
  return {
    submit: async (request) => {
      depth.set(group.size() + 1)
      return group.submit(request).finally(() => {
        depth.set(group.size())
      })
    },
  }
}
