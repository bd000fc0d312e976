import type { Log } from '@countinghouse/shared/log'
import { gauge } from '@countinghouse/shared/metrics'
import type { Connection } from 'mongoose'
import type { PaymentProvider, ProviderMovement, ProviderPayout } from '../payments/provider.js'
import type { SentOut, SentOutBook } from '../payments/sentOut.js'
import { addTo, compare, compareSent, sourceIn, unexplained, type Difference, type Side } from './domain.js'
import { entriesBetween, entriesOf, standingInClearing } from './store.js'

export type Deps = { db: Connection; provider: PaymentProvider; sentOut: SentOutBook; now: () => Date }
export type Stretch = { from: Date; until: Date }

export type Reconciliation = Stretch & { movements: number; entries: number; differences: Difference[] }

const found = gauge(
  'payment_reconciliation_differences',
  'Differences between the provider and the books, when last compared',
)
const comparedAt = gauge(
  'payment_reconciliation_timestamp_seconds',
  'When the provider and the books were last compared',
)

/**
 * Compares what the provider moved in a time with what the books say it moved, by charge, refund, dispute and payout.
 * What only one side has in that time is looked for on the other whenever it was, so that no midnight makes a difference.
 */
export const reconcile = async (deps: Deps, stretch: Stretch): Promise<Reconciliation> => {
  const provider = new Map<string, Side>()
  const books = new Map<string, Side>()
  const differences: Difference[] = []
  let [movements, entries] = [0, 0]
  for await (const movement of deps.provider.movementsBetween(stretch.from, stretch.until)) {
    addTo(provider, sourceOf(movement), toSide(movement))
    movements += 1
  }
  for await (const { entryId, key, side } of entriesBetween(deps.db, stretch.from, stretch.until)) {
    const sourceId = sourceIn(key)
    if (sourceId === undefined) differences.push(unexplained(entryId, side))
    else addTo(books, sourceId, side)
    entries += 1
  }
  for (const sourceId of new Set([...provider.keys(), ...books.keys()])) {
    if (provider.get(sourceId)?.netMinor === books.get(sourceId)?.netMinor) continue
    const difference = compare(sourceId, await wholeAtProvider(deps, sourceId), await wholeInBooks(deps, sourceId))
    if (difference) differences.push(difference)
  }
  differences.push(...(await compareAllSent(deps, stretch)))
  found.set(differences.length)
  comparedAt.setToCurrentTime()
  return { ...stretch, movements, entries, differences }
}

/** Money sent out that the provider was asked for in a time, and all that is on its way. */
const compareAllSent = async (deps: Deps, { from, until }: Stretch): Promise<Difference[]> => {
  const ids = new Set((await deps.sentOut.onTheirWay()).map(({ id }) => id))
  const payouts = new Map<string, ProviderPayout>()
  for await (const payout of deps.provider.payoutsBetween(from, until)) {
    if (payout.reference === null) continue
    ids.add(payout.reference)
    payouts.set(payout.reference, payout)
  }
  const differences: Difference[] = []
  for (const sent of await deps.sentOut.find([...ids])) {
    const known = payouts.get(sent.id) ?? (await payoutOf(deps, sent))
    if ((await compareOne(deps, sent, known)).length === 0) continue
    // What moved while it was looked at is looked at again.
    const [again = sent] = await deps.sentOut.find([sent.id])
    differences.push(...(await compareOne(deps, again, known && (await deps.provider.getPayout(known.id)))))
  }
  return differences
}

const payoutOf = async ({ provider }: Deps, { payoutId }: SentOut): Promise<ProviderPayout | undefined> =>
  payoutId === null ? undefined : provider.getPayout(payoutId)

const compareOne = async ({ db }: Deps, sent: SentOut, payout: ProviderPayout | undefined): Promise<Difference[]> =>
  compareSent(sent, payout, await standingInClearing(db, sent.id))

const sourceOf = ({ sourceId, id }: ProviderMovement): string => sourceId ?? id

const toSide = ({ amountMinor, feeMinor, currency, at, type }: ProviderMovement): Side => ({
  netMinor: amountMinor - feeMinor,
  ...{ currency, at, what: type },
})

const wholeAtProvider = async ({ provider }: Deps, sourceId: string): Promise<Side | undefined> => {
  const sides = new Map<string, Side>()
  for (const movement of await provider.movementsOf(sourceId)) addTo(sides, sourceId, toSide(movement))
  return sides.get(sourceId)
}

const wholeInBooks = async ({ db }: Deps, sourceId: string): Promise<Side | undefined> => {
  const sides = new Map<string, Side>()
  for (const { side } of await entriesOf(db, sourceId)) addTo(sides, sourceId, side)
  return sides.get(sourceId)
}

const NIGHTLY_DAYS = 3
const DAY_MS = 24 * 3_600_000

/** The same by night for the last days; without an answer of the provider the log is told, and the next night does it. */
export const reconcileByNight = async (deps: Deps, log: Log): Promise<void> => {
  const until = deps.now()
  const stretch = { from: new Date(until.getTime() - NIGHTLY_DAYS * DAY_MS), until }
  try {
    const { differences, movements, entries } = await reconcile(deps, stretch)
    if (differences.length === 0) log.info({ movements, entries }, 'The provider and the books agree')
    else log.error({ differences }, 'The provider says otherwise than the books')
  } catch (error) {
    log.warn({ err: error }, 'The provider could not be compared with the books')
  }
}
