import { gauge } from '@countinghouse/shared/metrics'
import type { CollectionDefinition } from '@countinghouse/shared/mongo/collection'
import type { Log } from '@countinghouse/shared/log'
import type { Connection } from 'mongoose'
import { inSnapshot } from '../ledger/snapshot.js'
import {
  compareAnswer,
  compareBalances,
  compareControlTotals,
  compareHolds,
  entriesNamedBy,
  type Difference,
  type Sums,
} from './domain.js'
import {
  balancesOfJournal,
  balancesStored,
  findEntries,
  heldByJournal,
  heldStored,
  storedAnswers,
  type HeldRow,
} from './store.js'

export type Deps = { db: Connection; holds: CollectionDefinition<HeldRow> }

export type Reconciliation = {
  accounts: number
  holds: number
  answers: number
  sums: readonly Sums[]
  differences: readonly Difference[]
}

const found = gauge('ledger_reconciliation_differences', 'Differences that the last reconciliation found')

/** Derives balances, holds and control totals from the journal, as of one moment, and the stored answers beside it. */
export const reconcile = async ({ db, holds }: Deps): Promise<Reconciliation> => {
  const books = await inSnapshot(db, async (snapshot) => {
    const view = { db, snapshot }
    const journal = await balancesOfJournal(view)
    const { balances, sums } = await balancesStored(view)
    const [heldInJournal, held] = [await heldByJournal(view), await heldStored(view, holds)]
    const differences = [
      ...compareBalances(journal, balances),
      ...compareControlTotals(sums),
      ...compareHolds(heldInJournal, held),
    ]
    return { accounts: balances.size, holds: held.size, sums, differences }
  })
  const answers = await reconcileAnswers(db)
  const differences = [...books.differences, ...answers.differences]
  found.set(differences.length)
  return { ...books, answers: answers.count, differences }
}

// An answer commits with its entries, which then stay for ever, so this needs no snapshot.
const reconcileAnswers = async (db: Connection): Promise<{ count: number; differences: Difference[] }> => {
  const differences: Difference[] = []
  let count = 0
  for await (const answers of storedAnswers(db)) {
    const named = answers.flatMap(entriesNamedBy)
    const ids = named.map(({ entryId }) => entryId)
    const entries = new Map((await findEntries(db, ids)).map((entry) => [entry._id, entry]))
    count += answers.length
    differences.push(...named.flatMap((one) => compareAnswer(one, entries.get(one.entryId))))
  }
  return { count, differences }
}

/** The same by night, when the log is told and nobody else. */
export const reconcileAndLog = async (deps: Deps, log: Log): Promise<void> => {
  const { differences, ...counts } = await reconcile(deps)
  if (differences.length === 0) log.info({ ...counts, sums: undefined }, 'The books are reconciled')
  else log.error({ differences: differences.slice(0, 100) }, 'The journal says otherwise than what is derived from it')
}
