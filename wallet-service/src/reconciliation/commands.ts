import type { Log } from '@countinghouse/shared/log'
import { gauge } from '@countinghouse/shared/metrics'
import type { CollectionDefinition } from '@countinghouse/shared/mongo/collection'
import { acquireLease } from '@countinghouse/shared/mongo/lease'
import type { Connection } from 'mongoose'
import { refuse } from '../errors.js'
import { headHeight, inSnapshot } from '../ledger/snapshot.js'
import {
  addTo,
  compareAccount,
  compareAnswer,
  compareControlTotals,
  compareHold,
  entriesNamedBy,
  type Difference,
  type Sums,
} from './domain.js'
import {
  derive,
  derivedOf,
  findEntries,
  forgetDerived,
  joined,
  rowsOf,
  storedAccounts,
  storedAnswers,
  storedHolds,
  type Books,
  type HeldRow,
} from './store.js'

export type Deps = { db: Connection; holds: CollectionDefinition<HeldRow>; blocksAtOnce?: number }
export type Progress = { reconciledBlocks: number; of: number }

export type Reconciliation = {
  accounts: number
  holds: number
  answers: number
  sums: readonly Sums[]
  /** The first of them, and how many there are. */
  differences: Difference[]
  differenceCount: number
}

const found = gauge('ledger_reconciliation_differences', 'Differences that the last reconciliation found')
const reconciledAt = gauge('ledger_reconciliation_timestamp_seconds', 'When the books were last reconciled')

const BLOCKS_AT_ONCE = 2_000
const DIFFERENCES_MAX = 100
// MongoDB keeps the moment that a snapshot sees for five minutes, so nothing here goes on for longer without a sign.
const LEASE_TTL_MS = 300_000

/**
 * Derives balances, holds and control totals from the journal and compares them with what is stored, and the stored
 * answers beside it. The journal is added up stretch by stretch on disk; only the last stretch and the comparison see
 * one moment, and no list is ever in memory as a whole. Tells after each stretch how far it has come.
 */
export async function* reconcile({
  db,
  holds,
  blocksAtOnce = BLOCKS_AT_ONCE,
}: Deps): AsyncGenerator<Progress, Reconciliation> {
  const lease = await acquireLease(db, 'reconciliation', LEASE_TTL_MS)
  if (!lease) throw refuse('reconciliation_running')
  try {
    await forgetDerived(db)
    let height = 0
    for (let head = await headHeight(db); head - height > blocksAtOnce; head = await headHeight(db)) {
      await derive(db, height, height + blocksAtOnce)
      height += blocksAtOnce
      yield { reconciledBlocks: height, of: head }
      if (!(await lease.renew())) throw new Error('Another reconciliation has taken over')
    }
    const result: Reconciliation = { accounts: 0, holds: 0, answers: 0, sums: [], differences: [], differenceCount: 0 }
    const head = await inSnapshot(db, (snapshot) => compare({ db, snapshot }, holds, height, result))
    yield { reconciledBlocks: head, of: head }
    await reconcileAnswers(db, result)
    found.set(result.differenceCount)
    reconciledAt.setToCurrentTime()
    return result
  } finally {
    await forgetDerived(db)
    await lease.release()
  }
}

const note = (result: Reconciliation, differences: readonly Difference[]): void => {
  result.differenceCount += differences.length
  result.differences.push(...differences.slice(0, Math.max(0, DIFFERENCES_MAX - result.differences.length)))
}

/** Compares as of one moment; answers the height of that moment. */
const compare = async (books: Books, holds: Deps['holds'], after: number, result: Reconciliation): Promise<number> => {
  const upTo = await headHeight(books.db, books.snapshot)
  const sums = new Map<string, Sums>()
  const derived = (of: 'accounts' | 'holds') => rowsOf(derivedOf(books, of, { after, upTo }))
  for await (const { id, left, right } of joined(derived('accounts'), storedAccounts(books))) {
    note(result, compareAccount(id, left, right))
    if (!right) continue
    addTo(sums, right)
    result.accounts += 1
  }
  result.sums = [...sums.values()].sort((one, other) => one.currency.localeCompare(other.currency))
  note(result, compareControlTotals(result.sums))
  for await (const { id, left, right } of joined(derived('holds'), storedHolds(books, holds))) {
    note(result, compareHold(id, left?.outMinor ?? 0n, right ? right.amountMinor - right.capturedMinor : 0n))
    if (right) result.holds += 1
  }
  return upTo
}

// An answer commits with its entries, which then stay for ever, so this needs no snapshot.
const reconcileAnswers = async (db: Connection, result: Reconciliation): Promise<void> => {
  for await (const answers of storedAnswers(db)) {
    const named = answers.flatMap(entriesNamedBy)
    const ids = named.map(({ entryId }) => entryId)
    const entries = new Map((await findEntries(db, ids)).map((entry) => [entry._id, entry]))
    result.answers += answers.length
    note(
      result,
      named.flatMap((one) => compareAnswer(one, entries.get(one.entryId))),
    )
  }
}

/** Reconciles without telling how far it has come. */
export const reconciled = async (deps: Deps): Promise<Reconciliation> => {
  const run = reconcile(deps)
  for (;;) {
    const step = await run.next()
    if (step.done) return step.value
  }
}

/** The same by night, when the log is told and nobody else. */
export const reconcileAndLog = async (deps: Deps, log: Log): Promise<void> => {
  const { differences, differenceCount, sums: _sums, ...counts } = await reconciled(deps)
  if (differenceCount === 0) log.info(counts, 'The books are reconciled')
  else log.error({ differenceCount, differences }, 'The journal says otherwise than what is derived from it')
}
