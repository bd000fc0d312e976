import { idempotency } from '@countinghouse/shared/idempotency'
import type { CollectionDefinition } from '@countinghouse/shared/mongo/collection'
import { native } from '@countinghouse/shared/mongo/transaction'
import type { Connection, mongo } from 'mongoose'
import { parseHouseAccountId } from '../ledger/chart.js'
import { normalSideOf } from '../ledger/domain.js'
import type { Snapshot } from '../ledger/snapshot.js'
import { accounts, entries } from '../ledger/store.js'
import type { Answered, Balances, HeldAmounts, Sums } from './domain.js'

/** A hold as far as the journal knows about it; the holds themselves are another feature's. */
export type HeldRow = { _id: string; status: string; amountMinor: bigint; capturedMinor: bigint }

export type Books = { db: Connection; snapshot: Snapshot }
type Balance = { postedMinor: bigint; pendingInMinor: bigint; pendingOutMinor: bigint }

const aggregated = <Row extends mongo.Document>({ db, snapshot }: Books, pipeline: mongo.Document[]): Promise<Row[]> =>
  native(db, entries)
    .aggregate<Row>(pipeline, { ...snapshot, allowDiskUse: true })
    .toArray()

/** What every account comes to by the postings and reservations of the journal. */
export const balancesOfJournal = async (books: Books): Promise<Balances> => {
  const balances = new Map<string, Balance>()
  const balanceOf = (id: string): Balance => {
    const known = balances.get(id) ?? { postedMinor: 0n, pendingInMinor: 0n, pendingOutMinor: 0n }
    balances.set(id, known)
    return known
  }
  const signed = { $multiply: ['$postings.amountMinor', { $cond: [{ $eq: ['$postings.side', 'debit'] }, 1, -1] }] }
  const posted = await aggregated<{ _id: string; debitMinor: bigint }>(books, [
    { $unwind: '$postings' },
    { $group: { _id: '$postings.accountId', debitMinor: { $sum: signed } } },
  ])
  for (const { _id, debitMinor } of posted) {
    const growsByDebit = normalSideOf(parseHouseAccountId(_id)?.type ?? 'liability') === 'debit'
    balanceOf(_id).postedMinor = BigInt(growsByDebit ? debitMinor : -debitMinor)
  }
  const pending = await aggregated<{ _id: { id: string; direction: 'in' | 'out' }; amountMinor: bigint }>(books, [
    { $unwind: '$reservations' },
    {
      $group: {
        _id: { id: '$reservations.accountId', direction: '$reservations.direction' },
        amountMinor: { $sum: '$reservations.amountMinor' },
      },
    },
  ])
  for (const { _id, amountMinor } of pending)
    balanceOf(_id.id)[_id.direction === 'in' ? 'pendingInMinor' : 'pendingOutMinor'] = BigInt(amountMinor)
  return balances
}

/** What the accounts themselves say, and what wallets and house add up to in each currency. */
export const balancesStored = async ({ db, snapshot }: Books): Promise<{ balances: Balances; sums: Sums[] }> => {
  const balances = new Map<string, Balance>()
  const sums = new Map<string, Sums>()
  for await (const account of native(db, accounts).find({}, { ...snapshot, batchSize: 1000 })) {
    const { _id, currency, kind, type, postedMinor, pendingInMinor, pendingOutMinor } = account
    balances.set(_id, { postedMinor, pendingInMinor, pendingOutMinor })
    const { walletsMinor, houseMinor } = sums.get(currency) ?? { walletsMinor: 0n, houseMinor: 0n }
    const debitMinor = normalSideOf(type) === 'debit' ? postedMinor : -postedMinor
    const sum =
      kind === 'wallet' ? { walletsMinor: walletsMinor - debitMinor } : { houseMinor: houseMinor + debitMinor }
    sums.set(currency, { currency, walletsMinor, houseMinor, ...sum })
  }
  return { balances, sums: [...sums.values()].sort((one, other) => one.currency.localeCompare(other.currency)) }
}

/** What is set aside for each hold by the journal: placed less captured less let go. */
export const heldByJournal = async (books: Books): Promise<HeldAmounts> => {
  const rows = await aggregated<{ _id: string; amountMinor: bigint }>(books, [
    { $match: { 'reference.kind': 'hold' } },
    { $unwind: '$reservations' },
    { $match: { 'reservations.direction': 'out' } },
    { $group: { _id: '$reference.id', amountMinor: { $sum: '$reservations.amountMinor' } } },
  ])
  return new Map(rows.map(({ _id, amountMinor }) => [_id, BigInt(amountMinor)]))
}

export const heldStored = async (
  { db, snapshot }: Books,
  holds: CollectionDefinition<HeldRow>,
): Promise<HeldAmounts> => {
  const rows = await native(db, holds).find({ status: 'pending' }, snapshot).toArray()
  return new Map(rows.map(({ _id, amountMinor, capturedMinor }) => [_id, amountMinor - capturedMinor]))
}

const ANSWERS_AT_ONCE = 500

/** The stored answers to requests that were done, some hundred at a time. */
export async function* storedAnswers(db: Connection): AsyncGenerator<Answered[]> {
  let batch: Answered[] = []
  const done = { status: { $gte: 200, $lt: 300 } }
  for await (const { _id, body } of native(db, idempotency).find(done, { batchSize: ANSWERS_AT_ONCE })) {
    batch.push({ id: _id, body: JSON.parse(body) as unknown })
    if (batch.length < ANSWERS_AT_ONCE) continue
    yield batch
    batch = []
  }
  yield batch
}

/** Those of these entries that are in the journal. */
export const findEntries = (db: Connection, ids: readonly string[]) =>
  native(db, entries)
    .find({ _id: { $in: [...ids] } })
    .toArray()
