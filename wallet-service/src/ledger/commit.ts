import { faultPoint } from '@countinghouse/shared/fault'
import type { Outcome } from '@countinghouse/shared/groupCommit'
import { addToOutbox } from '@countinghouse/shared/messaging/outbox'
import { counter, histogram } from '@countinghouse/shared/metrics'
import { CompanionMissed, applyCompanions, conditionOf, findMisses } from '@countinghouse/shared/mongo/companion'
import { isDuplicateKey } from '@countinghouse/shared/mongo/lease'
import { inTransaction, readsOn, type Tx } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { GENESIS, nextBlock, type Block } from './block.js'
import type { Account, Accounts, EntryDraft, Posted } from './domain.js'
import { decideGroup, keysOf, type Books, type DecidedGroup, type LedgerRequest } from './group.js'
import { StaleAccounts, findEntryIds, findHead, insertBlock, loadAccounts, saveAccounts } from './store.js'

const entered = counter('ledger_entries_total', 'Entries posted', ['kind'])
const groups = histogram('ledger_group_size', 'Requests that shared a commit', [1, 2, 5, 10, 25, 50, 100, 250, 512])

const REMEMBERED_MAX = 50_000

/** The end of the chain, as far as a block needs to know it. */
type Head = Pick<Block, 'height' | 'hash'>

/**
 * Commits a group of requests in one transaction, as the next block of the chain. The first try trusts what this
 * process remembers of the accounts and the chain and checks nothing beforehand: every write is guarded by a version or
 * a unique key. Whatever a guard stops is decided again from what the transaction reads, so that another process is
 * noticed and never overwritten.
 */
export const createCommit = ({ db, now }: { db: Connection; now: () => Date }) => {
  const remembered = new Map<string, Account>()
  let head: Head | undefined

  const attempt = async (group: readonly LedgerRequest[], careful: boolean): Promise<Committed> => {
    let tries = 0
    const known = careful ? new Map<string, Account>() : await recall(db, remembered, group, now())
    return inTransaction(db, async (tx) => {
      const isFirst = !careful && ++tries === 1
      const decided = isFirst
        ? decideFrom(group, { accounts: known, entryIds: new Map(), misses: new Map() }, now())
        : await decideCarefully(tx, group, now())
      if (isFirst) await confirmRefusals(tx, group, decided)
      const previous = (isFirst ? head : undefined) ?? (await findHead(tx)) ?? GENESIS
      return { decided, head: await write(tx, { group, decided, previous, at: now() }) }
    })
  }
  return async (group: readonly LedgerRequest[]): Promise<readonly Outcome<Posted>[]> => {
    const committed = await attempt(group, false).catch((error: unknown) => {
      remembered.clear()
      head = undefined
      if (isGuarded(error)) return attempt(group, true)
      throw error
    })
    faultPoint('ledger:committed')
    head = committed.head
    if (remembered.size > REMEMBERED_MAX) remembered.clear()
    for (const [id, account] of committed.decided.accounts) remembered.set(id, account)
    groups.observe(group.length)
    return committed.decided.outcomes
  }
}

type Committed = { decided: Decided; head: Head }

const isGuarded = (error: unknown): boolean =>
  error instanceof StaleAccounts || error instanceof CompanionMissed || isDuplicateKey(error)

const recall = async (
  db: Connection,
  remembered: Map<string, Account>,
  group: readonly LedgerRequest[],
  now: Date,
): Promise<Accounts> => {
  const touched = touchedBy(group)
  const missing = touched.filter((id) => !remembered.has(id))
  const loaded = missing.length > 0 ? await loadAccounts(readsOn(db), missing, now) : new Map<string, Account>()
  const known = touched.map((id) => remembered.get(id) ?? loaded.get(id)).filter((account) => account !== undefined)
  return new Map(known.map((account) => [account._id, account]))
}

const touchedBy = (group: readonly LedgerRequest[]): string[] => [
  ...new Set(group.flatMap(({ drafts }) => drafts.flatMap(accountsOf))),
]

const draftsOf = (group: readonly LedgerRequest[]): EntryDraft[] => group.flatMap(({ drafts }) => drafts)

const accountsOf = ({ postings, reservations = [] }: EntryDraft): string[] =>
  [...postings, ...reservations].map(({ accountId }) => accountId)

type Decided = DecidedGroup & { readonly before: Accounts }

const decideFrom = (group: readonly LedgerRequest[], books: Books, now: Date): Decided => ({
  ...decideGroup(group, books, now),
  before: books.accounts,
})

// A refusal writes nothing that a guard could stop, so what it was decided on is compared with the database: it may have
// been decided on old balances, or on balances that the very same request has changed before its process died.
const confirmRefusals = async (
  tx: Tx,
  group: readonly LedgerRequest[],
  { outcomes, before }: Decided,
): Promise<void> => {
  const refused = group.filter((_, index) => outcomes[index]?.kind === 'refused')
  if (refused.length === 0) return
  const touched = touchedBy(refused)
  const stored = await loadAccounts(tx, touched, new Date(0))
  if (touched.some((id) => stored.get(id)?.version !== before.get(id)?.version)) throw new StaleAccounts()
  if ((await findEntryIds(tx, keysOf(draftsOf(refused)))).size > 0) throw new StaleAccounts()
}

/** Decides on what this transaction reads: accounts, keys, and which companions would miss. */
const decideCarefully = async (tx: Tx, group: readonly LedgerRequest[], now: Date): Promise<Decided> => {
  const accounts = await loadAccounts(tx, touchedBy(group), now)
  const entryIds = await findEntryIds(tx, keysOf(draftsOf(group)))
  const misses = new Map<string, Error>()
  for (;;) {
    const decided = decideFrom(group, { accounts, entryIds, misses }, now)
    const found = await findMisses(tx, decided.writes)
    if (found.length === 0) return decided
    for (const write of found) misses.set(conditionOf(write), write.otherwise())
  }
}

type Writing = { group: readonly LedgerRequest[]; decided: Decided; previous: Head; at: Date }

const write = async (tx: Tx, { group, decided, previous, at }: Writing): Promise<Head> => {
  const done = decided.outcomes.flatMap((outcome, index) =>
    outcome.kind === 'done' ? [{ posted: outcome.result, request: group[index] }] : [],
  )
  if (done.length === 0) return previous
  const entries = done.flatMap(({ posted }) => posted.entries)
  const events = done.flatMap(({ posted, request }) => request?.events?.(posted) ?? [])
  const { block, chained } = nextBlock(previous, entries, at)
  await saveAccounts(tx, decided.before, decided.accounts)
  faultPoint('ledger:accounts-saved')
  await insertBlock(tx, block, chained)
  faultPoint('ledger:block-inserted')
  await applyCompanions(tx, decided.writes)
  faultPoint('ledger:companions-written')
  await addToOutbox(tx, ...events)
  faultPoint('ledger:before-commit')
  for (const { kind } of entries) entered.inc({ kind })
  return block
}
