import { Feed } from '@countinghouse/shared/http/page'
import { native, type Reads } from '@countinghouse/shared/mongo/transaction'
import type { Connection, mongo } from 'mongoose'
import { between, parsePlace, toCursor, type Place } from '../../ledger/place.js'
import { aboutReference, entries } from '../../ledger/store.js'
import type { Movement } from '../domain.js'

export type MovementFilter = {
  /** Undefined for all wallets. */
  walletIds?: readonly string[] | undefined
  kind?: string | undefined
  referenceId?: string | undefined
  currency?: string | undefined
  minMinor?: bigint | undefined
  maxMinor?: bigint | undefined
  from?: Date | undefined
  before?: Date | undefined
}

/** Where a feed of movements goes on: after this posting of the entry at this place. */
export type MovementCursor = { place: Place; number: number }

export const parseMovementCursor = (cursor: string): MovementCursor | undefined => {
  const [, entry = '', number = ''] = /^(.+)\.(\d{1,4})$/.exec(cursor) ?? []
  const place = parsePlace(entry)
  return place && { place, number: Number(number) }
}

type From = { filter: MovementFilter; after?: MovementCursor | undefined; heights?: mongo.Document }

/** Selects the entries with movements on these wallets: by account and place, as the index has them, then by the rest. */
export const movementQuery = ({ filter, after, heights }: From): mongo.Document => ({
  ...(filter.kind !== undefined && { kind: filter.kind }),
  ...(filter.referenceId !== undefined && aboutReference(filter.referenceId)),
  ...(filter.walletIds && { 'postings.accountId': { $in: [...filter.walletIds] } }),
  postings: { $elemMatch: postingFilter(filter) },
  ...postedWithin(filter),
  $and: [heights ?? {}, after ? between(undefined, after.place) : {}],
})

/** The movements on wallets from the newest backwards; what is committed meanwhile comes before the first page. */
export const listMovements = async (reads: Reads, from: From & { size: number }): Promise<Feed<Movement>> => {
  const { filter, after, size } = from
  // One entry may be read again for what is left of it, and one more tells whether the feed goes on.
  const found = await reads.find(entries, movementQuery(from), { sort: { height: -1, index: -1 }, limit: size + 2 })
  const movements = found
    .flatMap((entry) => entry.postings.map((posting, number) => ({ entry, number, posting })).reverse())
    .filter((movement) => matches(movement, filter) && (!after || isBefore(movement, after)))
  return Feed.of(movements, size, ({ entry, number }) => `${toCursor(entry)}.${number}`)
}

const isBefore = ({ entry, number }: Movement, { place, number: last }: MovementCursor): boolean =>
  entry.height !== place.height || entry.index !== place.index || number < last

const postedWithin = ({ from, before }: MovementFilter) => ({
  ...((from ?? before) && { postedAt: { ...(from && { $gte: from }), ...(before && { $lt: before }) } }),
})

const isWalletId = { $not: /^house:/ }

const postingFilter = ({ walletIds, currency, minMinor, maxMinor }: MovementFilter) => ({
  accountId: walletIds ? { $in: [...walletIds] } : isWalletId,
  ...(currency !== undefined && { currency }),
  ...((minMinor ?? maxMinor) !== undefined && {
    amountMinor: {
      ...(minMinor !== undefined && { $gte: minMinor }),
      ...(maxMinor !== undefined && { $lte: maxMinor }),
    },
  }),
})

const matches = ({ posting }: Movement, { walletIds, currency, minMinor, maxMinor }: MovementFilter): boolean =>
  (walletIds?.includes(posting.accountId) ?? !posting.accountId.startsWith('house:')) &&
  (currency === undefined || posting.currency === currency) &&
  (minMinor === undefined || posting.amountMinor >= minMinor) &&
  (maxMinor === undefined || posting.amountMinor <= maxMinor)

/** The movements on one wallet after one place up to another, oldest first, read as they are asked for. */
export async function* movementsBetween(
  db: Connection,
  walletId: string,
  [after, upTo]: readonly [Place | undefined, Place],
): AsyncGenerator<Movement> {
  const filter = { 'postings.accountId': walletId, ...between(after, upTo) }
  for await (const entry of native(db, entries).find(filter).sort({ height: 1, index: 1 }).batchSize(500))
    for (const [number, posting] of entry.postings.entries())
      if (posting.accountId === walletId) yield { entry, number, posting }
}
