import type { WorkContext } from '@countinghouse/shared/context'
import type { Outcome } from '@countinghouse/shared/groupCommit'
import type { Envelope } from '@countinghouse/shared/messaging/event'
import { conditionOf, targetOf, type CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { refuse } from '../errors.js'
import { decideOrder, type Decided } from './domain/decide.js'
import type { Known, Shelf } from './domain/known.js'
import { numberIn, seriesId, type Series } from './domain/series.js'
import type { Cause, Layer, Move, Posted, Reservation, StockOrder } from './domain/stock.js'

/** What a step of a document does to the stock, and what commits with it or not at all. */
export type StockRequest = StockOrder & {
  /** Draws the next number of a series, without a gap: a refused request draws none. */
  readonly series?: Series
  /** The document, the stored answer, the inbox row; a miss refuses this request alone. */
  readonly companions?: (posted: Posted) => readonly CompanionWrite[]
  /** Events beside those about the stock itself. */
  readonly events?: (posted: Posted) => readonly Envelope[]
}

/** A request in the context of the work that made it, which a commit shares with other work. */
export type Queued = { readonly request: StockRequest; readonly context: WorkContext | undefined }

/** What the stock says before a group is decided. */
export type Books = Known & {
  /** The causes of the group that are posted already. */
  readonly causes: ReadonlySet<string>
  /** The last number drawn from each series. */
  readonly counts: ReadonlyMap<string, number>
  /** The conditions of companions that would miss, and what their requests are refused with. */
  readonly misses: ReadonlyMap<string, Error>
}

/** What a group does to the stock, if it commits. */
export type DecidedGroup = {
  readonly outcomes: readonly Outcome<Posted>[]
  readonly moves: readonly Move[]
  readonly shelves: ReadonlyMap<string, Shelf>
  readonly layers: ReadonlyMap<string, Layer>
  readonly reservations: ReadonlyMap<string, Reservation>
  readonly counts: ReadonlyMap<string, number>
  readonly writes: readonly CompanionWrite[]
}

/** Only what moves goods, or their value, is a fact of its own; the rest is as unique as the document that commits with it. */
export const causesOf = ({ lines, cause }: StockRequest): string[] =>
  lines.some(({ kind }) => ['receive', 'issue', 'revalue'].includes(kind)) ? [causeKey(cause)] : []

export const causeKey = ({ kind, id, step }: Cause): string => `${kind}:${id}:${step}`

type Making = { now: Date; newId: () => string }

/** Decides the requests of a group one after another, each on what the ones before it left; a refused one leaves nothing. */
export const decideGroup = (group: readonly Queued[], books: Books, making: Making): DecidedGroup => {
  const made = {
    moves: [] as Move[],
    shelves: new Map<string, Shelf>(),
    layers: new Map<string, Layer>(),
    reservations: new Map<string, Reservation>(),
    counts: new Map<string, number>(),
    writes: [] as CompanionWrite[],
  }
  const causes = new Set(books.causes)
  const targets = new Set<string>()
  const known: Known = {
    shelf: (itemId) => made.shelves.get(itemId) ?? books.shelf(itemId),
    reservation: (id) => made.reservations.get(id) ?? books.reservation(id),
    hasWarehouse: books.hasWarehouse,
  }
  const decide = ({ request, context }: Queued): Outcome<Posted> => {
    const keys = causesOf(request)
    if (keys.some((key) => causes.has(key))) throw refuse('already_posted', { ...request.cause })
    const decided = decideOrder(request, known, { ...making, correlationId: context?.correlationId ?? null })
    const drawn = request.series && draw(request.series, (id) => made.counts.get(id) ?? books.counts.get(id) ?? 0)
    const posted = postedOf(decided, drawn?.number, making.now)
    const wanted = request.companions?.(posted) ?? []
    const miss = wanted.map((write) => books.misses.get(conditionOf(write))).find((error) => error !== undefined)
    if (miss) throw miss
    // Whether the second write of one document misses is known only when the first has committed.
    if (wanted.some((write) => targets.has(targetOf(write)))) return { kind: 'deferred' }
    for (const write of wanted) targets.add(targetOf(write))
    for (const key of keys) causes.add(key)
    made.writes.push(...wanted)
    made.moves.push(...decided.moves)
    for (const part of ['shelves', 'layers', 'reservations'] as const)
      for (const [id, value] of decided[part]) (made[part] as Map<string, unknown>).set(id, value)
    if (drawn) made.counts.set(drawn.id, drawn.count)
    return { kind: 'done', result: posted }
  }
  return { ...made, outcomes: group.map((queued) => outcomeOf(() => decide(queued))) }
}

const outcomeOf = (decide: () => Outcome<Posted>): Outcome<Posted> => {
  try {
    return decide()
  } catch (error) {
    return { kind: 'refused', error }
  }
}

const draw = (series: Series, last: (id: string) => number) => {
  const id = seriesId(series)
  const count = last(id) + 1
  return { id, count, number: numberIn(series, count) }
}

export const postedOf = (
  { moves, shelves, wentLow, turned }: Decided,
  number: string | undefined,
  postedAt: Date,
): Posted => ({
  number,
  moves,
  stocks: new Map([...shelves].map(([itemId, { stock }]) => [itemId, stock])),
  ...{ wentLow, turned },
  postedAt,
})
