import { idempotency } from '@countinghouse/shared/idempotency'
import { defineCollection, type CollectionDefinition } from '@countinghouse/shared/mongo/collection'
import { native } from '@countinghouse/shared/mongo/transaction'
import type { Connection, mongo } from 'mongoose'
import type { Account } from '../ledger/domain.js'
import { peekable } from '../ledger/rows.js'
import type { Snapshot } from '../ledger/snapshot.js'
import { accounts, entries } from '../ledger/store.js'
import type { Answered, Derived } from './domain.js'

/** A hold as far as the journal knows about it; the holds themselves are another feature's. */
export type HeldRow = { _id: string; status: string; amountMinor: bigint; capturedMinor: bigint }

export type Books = { db: Connection; snapshot: Snapshot }

/** What the journal comes to so far, by account (`a:<id>`) and by hold (`h:<id>`); on disk, so that no book is too long. */
type DerivedRow = Derived & { _id: string }

const amount = { type: BigInt, required: true }
export const derivations = defineCollection<DerivedRow>('derivations', {
  debitMinor: amount,
  inMinor: amount,
  outMinor: amount,
})

const ACCOUNT = 'a:'
const HOLD = 'h:'
const AMOUNTS = ['debitMinor', 'inMinor', 'outMinor'] as const
const none = { $toLong: 0 }

const signed = { $multiply: ['$$one.amountMinor', { $cond: [{ $eq: ['$$one.side', 'debit'] }, 1, -1] }] }
const towards = (direction: 'in' | 'out') => ({
  $cond: [{ $eq: ['$$one.direction', direction] }, '$$one.amountMinor', none],
})
const mapped = (input: string, fields: mongo.Document) => ({ $map: { input, as: 'one', in: fields } })
const forHold = mapped('$reservations', { of: { $concat: [HOLD, '$reference.id'] }, outMinor: towards('out') })

/** What the entries between two heights move, each row for an account or a hold. */
const derivation = (after: number, upTo: number): mongo.Document[] => [
  { $match: { height: { $gt: after, $lte: upTo } } },
  {
    $project: {
      moves: {
        $concatArrays: [
          mapped('$postings', { of: { $concat: [ACCOUNT, '$$one.accountId'] }, debitMinor: signed }),
          mapped('$reservations', {
            of: { $concat: [ACCOUNT, '$$one.accountId'] },
            ...{ inMinor: towards('in'), outMinor: towards('out') },
          }),
          { $cond: [{ $eq: ['$reference.kind', 'hold'] }, forHold, []] },
        ],
      },
    },
  },
  { $unwind: '$moves' },
  { $group: { _id: '$moves.of', ...each((name) => ({ $sum: `$moves.${name}` })) } },
  { $project: each((name) => ({ $toLong: `$${name}` })) },
]

const each = (of: (name: string) => mongo.Document) => Object.fromEntries(AMOUNTS.map((name) => [name, of(name)]))

export const forgetDerived = async (db: Connection): Promise<void> => {
  await native(db, derivations).deleteMany({})
}

/** Adds what the entries between two heights move to what is derived so far; what is in the journal never changes. */
export const derive = async (db: Connection, after: number, upTo: number): Promise<void> => {
  const whenMatched = [{ $set: each((name) => ({ $add: [`$${name}`, `$$new.${name}`] })) }]
  const merge = { $merge: { into: derivations.name, on: '_id', whenMatched, whenNotMatched: 'insert' } }
  await native(db, entries)
    .aggregate([...derivation(after, upTo), merge], { allowDiskUse: true })
    .toArray()
}

/** What is derived for accounts or for holds, up to the snapshot's own height, by id. */
export async function* derivedOf(
  { db, snapshot }: Books,
  of: 'accounts' | 'holds',
  { after, upTo }: { after: number; upTo: number },
): AsyncGenerator<[string, Derived], void> {
  const prefix = of === 'accounts' ? ACCOUNT : HOLD
  const isOf = { _id: { $gte: prefix, $lt: `${prefix}\uffff` } }
  const tail = [...derivation(after, upTo), { $match: isOf }, { $sort: { _id: 1 } }]
  const kept = native(db, derivations).find(isOf, { batchSize: 1000 }).sort({ _id: 1 })
  const late = native(db, entries).aggregate<DerivedRow>(tail, { ...snapshot, allowDiskUse: true })
  for await (const { id, left, right } of joined(kept, late)) yield [id.slice(prefix.length), sumOf(left, right)]
}

const sumOf = (one?: Derived, other?: Derived): Derived =>
  Object.fromEntries(AMOUNTS.map((name) => [name, BigInt(one?.[name] ?? 0n) + BigInt(other?.[name] ?? 0n)])) as Derived

type Sorted<Row> = { next(): Promise<Row | null>; close(): Promise<void> }

/** Walks two lists that are sorted by id side by side. */
export async function* joined<Left extends { _id: string }, Right extends { _id: string }>(
  lefts: Sorted<Left>,
  rights: Sorted<Right>,
): AsyncGenerator<{ id: string; left?: Left; right?: Right }> {
  const [one, other] = [peekable(lefts), peekable(rights)]
  for (;;) {
    const [left, right] = [await one.peek(), await other.peek()]
    if (!left && !right) break
    const takesLeft = left !== null && (!right || left._id <= right._id)
    const takesRight = right !== null && (!left || right._id <= left._id)
    if (takesLeft) one.take()
    if (takesRight) other.take()
    const id = (takesLeft ? left : right)?._id ?? ''
    yield { id, ...(takesLeft && { left }), ...(takesRight && { right }) }
  }
  await Promise.all([one.close(), other.close()])
}

/** Makes rows of pairs, so that they can be joined. */
export const rowsOf = <Row>(pairs: AsyncGenerator<[string, Row], void>): Sorted<Row & { _id: string }> => ({
  next: async () => {
    const step = await pairs.next()
    return step.done ? null : { ...step.value[1], _id: step.value[0] }
  },
  close: async () => void (await pairs.return(undefined)),
})

export const storedAccounts = ({ db, snapshot }: Books): Sorted<Account> =>
  native(db, accounts)
    .find({}, { ...snapshot, batchSize: 1000 })
    .sort({ _id: 1 })

export const storedHolds = ({ db, snapshot }: Books, holds: CollectionDefinition<HeldRow>): Sorted<HeldRow> =>
  native(db, holds)
    .find({ status: 'pending' }, { ...snapshot, batchSize: 1000 })
    .sort({ _id: 1 })

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
