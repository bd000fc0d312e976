import { runInContext } from '@countinghouse/shared/context'
import { faultPoint } from '@countinghouse/shared/fault'
import type { Outcome } from '@countinghouse/shared/groupCommit'
import type { Envelope } from '@countinghouse/shared/messaging/event'
import { addToOutbox } from '@countinghouse/shared/messaging/outbox'
import { counter, histogram } from '@countinghouse/shared/metrics'
import { CompanionMissed, applyCompanions, conditionOf, findMisses } from '@countinghouse/shared/mongo/companion'
import { isDuplicateKey } from '@countinghouse/shared/mongo/lease'
import { inTransaction, readsOn, type Tx } from '@countinghouse/shared/mongo/transaction'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { Connection } from 'mongoose'
import { MOVE_TYPES, type Posted } from './domain/stock.js'
import { stockEvents } from './events.js'
import { causeKey, causesOf, decideGroup, type DecidedGroup, type Queued } from './group.js'
import { createMemory, readFacts, scopeOf, toBooks, type Facts } from './memory.js'
import { findCauses, loadShelves } from './reading.js'
import { StaleStock, insertMoves, saveCounts, saveParts, saveStocks } from './store.js'
import { useWarehouse } from './warehouses.js'

const moved = counter('stock_moves_total', 'Moves posted', { type: MOVE_TYPES })
const groups = histogram('stock_group_size', 'Requests that shared a commit', [1, 2, 5, 10, 25, 50, 100, 250, 512])

export type CommitDeps = { db: Connection; now: () => Date; currency: string }

/**
 * Commits a group of requests in one transaction. The first try trusts what this process remembers of the stock and
 * checks nothing beforehand: every write is guarded by a version or a unique key. Whatever a guard stops is decided again
 * from what the transaction reads, so that another process is noticed and never overwritten.
 */
export const createCommit = ({ db, now, currency }: CommitDeps) => {
  const memory = createMemory()

  const attempt = async (group: readonly Queued[], careful: boolean): Promise<Decided> => {
    let tries = 0
    const known = careful ? undefined : await memory.recall(readsOn(db), scopeOf(group))
    return inTransaction(db, async (tx) => {
      const trusted = ++tries === 1 ? known : undefined
      const decided = trusted ? decideFrom(group, trusted, now()) : await decideCarefully(tx, group, now())
      if (trusted) await confirmRefusals(tx, group, decided)
      await write(tx, decided, eventsOf(group, decided, currency))
      return decided
    })
  }
  return async (group: readonly Queued[]): Promise<readonly Outcome<Posted>[]> => {
    const decided = await attempt(group, false).catch((error: unknown) => {
      memory.forget()
      if (isGuarded(error)) return attempt(group, true)
      throw error
    })
    faultPoint('stock:committed')
    memory.remember(decided, decided.facts)
    groups.observe(group.length)
    for (const { type } of decided.moves) moved.inc({ type })
    return decided.outcomes
  }
}

type Decided = DecidedGroup & { readonly facts: Facts }

const isGuarded = (error: unknown): boolean =>
  error instanceof StaleStock || error instanceof CompanionMissed || isDuplicateKey(error)

const decideFrom = (group: readonly Queued[], facts: Facts, now: Date): Decided => ({
  ...decideGroup(group, toBooks(facts, { causes: new Set(), misses: new Map() }), { now, newId: uuidv7 }),
  facts,
})

// A refusal writes nothing that a guard could stop, so what it was decided on is compared with the database: it may have
// been decided on an old stock, or on one that the very same request has changed before its process died.
const confirmRefusals = async (tx: Tx, group: readonly Queued[], { outcomes, facts }: Decided): Promise<void> => {
  const refused = group.filter((_, index) => outcomes[index]?.kind === 'refused')
  if (refused.length === 0) return
  const { itemIds } = scopeOf(refused)
  const stored = await loadShelves(tx, itemIds)
  const isStale = (id: string) => stored.get(id)?.stock.version !== facts.shelves.get(id)?.stock.version
  if (itemIds.some(isStale)) throw new StaleStock()
  if ((await findCauses(tx, movingCauses(refused))).length > 0) throw new StaleStock()
}

const movingCauses = (group: readonly Queued[]) =>
  group.filter(({ request }) => causesOf(request).length > 0).map(({ request }) => request.cause)

/** Decides on what this transaction reads: stock, numbers, causes, and which companions would miss. */
const decideCarefully = async (tx: Tx, group: readonly Queued[], now: Date): Promise<Decided> => {
  const facts = await readFacts(tx, scopeOf(group))
  const causes = new Set((await findCauses(tx, movingCauses(group))).map(causeKey))
  const misses = new Map<string, Error>()
  for (;;) {
    const decided = decideGroup(group, toBooks(facts, { causes, misses }), { now, newId: uuidv7 })
    const found = await findMisses(tx, decided.writes)
    if (found.length === 0) return { ...decided, facts }
    for (const write of found) misses.set(conditionOf(write), write.otherwise())
  }
}

const write = async (tx: Tx, decided: Decided, events: readonly Envelope[]): Promise<void> => {
  const after = [...decided.shelves.values()].map(({ stock }) => stock)
  for (const warehouseId of newlyUsed(decided)) if (!(await useWarehouse(tx, warehouseId))) throw new StaleStock()
  await saveStocks(tx, versionsOf(decided.facts), after)
  faultPoint('stock:levels-saved')
  await saveParts(tx, { layers: [...decided.layers.values()], reservations: [...decided.reservations.values()] })
  faultPoint('stock:layers-saved')
  await insertMoves(tx, decided.moves)
  await applyCompanions(tx, decided.writes)
  faultPoint('stock:companions-written')
  await addToOutbox(tx, ...events)
  await saveCounts(tx, decided.facts.counts, decided.counts)
  faultPoint('stock:before-commit')
}

const eventsOf = (group: readonly Queued[], { outcomes }: Decided, currency: string): Envelope[] =>
  group.flatMap(({ request, context }, index) => {
    const outcome = outcomes[index]
    if (outcome?.kind !== 'done') return []
    const make = () => [...stockEvents(request, outcome.result, currency), ...(request.events?.(outcome.result) ?? [])]
    return runInContext(context, make)
  })

const versionsOf = ({ shelves }: Facts): Map<string, number> =>
  new Map([...shelves].map(([itemId, { stock }]) => [itemId, stock.version]))

/** The warehouses that keep an item of this group for the first time. */
const newlyUsed = ({ shelves, facts }: Decided): Set<string> => {
  const used = [...shelves].flatMap(([itemId, { stock }]) => {
    const before = new Set(facts.shelves.get(itemId)?.stock.levels.map(({ warehouseId }) => warehouseId))
    return stock.levels.map(({ warehouseId }) => warehouseId).filter((id) => !before.has(id))
  })
  return new Set(used)
}
