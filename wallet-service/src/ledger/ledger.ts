import { currentContext, runInContext } from '@countinghouse/shared/context'
import { createGroupCommit } from '@countinghouse/shared/groupCommit'
import { gauge } from '@countinghouse/shared/metrics'
import type { Connection } from 'mongoose'
import { refuse } from '../errors.js'
import { createCommit } from './commit.js'
import type { Posted } from './domain.js'
import { entryEvents } from './events.js'
import type { LedgerRequest } from './group.js'

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
      return group.submit(inItsContext(request)).finally(() => {
        depth.set(group.size())
      })
    },
  }
}

/** A request whose events and companions are made in the name of who asked, however many share its commit. */
const inItsContext = ({ drafts, companions, events }: LedgerRequest): LedgerRequest => {
  const context = currentContext()
  const bound =
    <Made>(make: (posted: Posted) => Made) =>
    (posted: Posted): Made =>
      runInContext(context, () => make(posted))
  return {
    drafts,
    ...(companions && { companions: bound(companions) }),
    events: bound((posted) => [...entryEvents(posted), ...(events?.(posted) ?? [])]),
  }
}
