import { archiveOf, insertOnce, sidesOf } from '@countinghouse/shared/mongo/archive'
import { defineCollection } from '@countinghouse/shared/mongo/collection'
import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
import type { Period } from '../period.js'
import type { AccountSum } from './domain.js'

export type BookPosting = { account: string; side: 'debit' | 'credit'; amountMinor: bigint; currency: string }
export type BookEntry = {
  _id: string
  kind: string
  /** The document that the entry is of: what kind it is, and its name. */
  about: string
  document: string
  at: Date
  postings: BookPosting[]
}

export const bookEntries = defineCollection<BookEntry>(
  'book_entries',
  {
    kind: { type: String, required: true },
    about: { type: String, required: true },
    document: { type: String, required: true },
    at: { type: Date, required: true },
    postings: { type: [Object], required: true },
  },
  { indexes: [{ fields: { at: 1 } }, { fields: { 'postings.account': 1, at: 1 } }] },
)

/** What an account moved in a quarter of an hour for one kind of reason: every zone's days begin with one. */
export type BookQuarter = AccountSum & { _id: string; currency: string; about: string; at: Date }

export const bookQuarters = defineCollection<BookQuarter>(
  'book_quarters',
  {
    account: { type: String, required: true },
    currency: { type: String, required: true },
    about: { type: String, required: true },
    at: { type: Date, required: true },
    debitMinor: { type: BigInt, required: true },
    creditMinor: { type: BigInt, required: true },
  },
  { indexes: [{ fields: { currency: 1, at: 1 } }] },
)

export const bookArchive = archiveOf(bookEntries)

export const insertEntry = (tx: Tx, entry: BookEntry): Promise<boolean> => insertOnce(tx, bookArchive, entry)

export const addToQuarters = (tx: Tx, changes: readonly BookQuarter[]): Promise<void> =>
  tx.add(
    bookQuarters,
    changes.map(({ _id, debitMinor, creditMinor, ...fixed }) => ({ _id, by: { debitMinor, creditMinor }, fixed })),
  )

export type SumsQuery = { currency: string; period: Period; by?: 'about' | { months: string } | { days: string } }
export type GroupedSum = AccountSum & { group: string }

/** What each account moved in a period; also apart by what it was about, or by months or days of a zone. */
export const sumAccounts = async (reads: Reads, { currency, period, by }: SumsQuery): Promise<GroupedSum[]> => {
  const { from = new Date(0), before } = period
  const rows = await reads.aggregate<SumRow>(bookQuarters, [
    { $match: { currency, at: { $gte: from, ...(before && { $lt: before }) } } },
    {
      $group: {
        _id: { account: '$account', group: groupOf(by) },
        // A sum of 64-bit integers would become a rounded double when it outgrows them.
        debit: { $sum: { $toDecimal: '$debitMinor' } },
        credit: { $sum: { $toDecimal: '$creditMinor' } },
      },
    },
    { $sort: { '_id.group': 1, '_id.account': 1 } },
  ])
  return rows.map(({ _id, debit, credit }) => ({
    ..._id,
    debitMinor: BigInt(debit.toString()),
    creditMinor: BigInt(credit.toString()),
  }))
}

type SumRow = { _id: { account: string; group: string }; debit: { toString(): string }; credit: { toString(): string } }

const groupOf = (by: SumsQuery['by']): unknown => {
  if (by === undefined) return ''
  if (by === 'about') return '$about'
  const [format, timezone] = 'months' in by ? ['%Y-%m', by.months] : ['%Y-%m-%d', by.days]
  return { $dateToString: { date: '$at', format, timezone } }
}

export type OwedSum = { about: string; document: string; amountMinor: bigint }

/** What each document has on an account of the house at an instant, where it has anything. */
export const sumDocuments = async (
  reads: Reads,
  { account, currency, before }: { account: string; currency: string; before: Date | undefined },
): Promise<OwedSum[]> => {
  const id = `house:${account}:${currency}`
  const sums = new Map<string, OwedSum>()
  // A document may have grown old half-way.
  for (const { from, counted } of await sidesOf(reads, bookArchive)) {
    const asked = { 'postings.account': id, ...(before && { at: { $lt: before } }) }
    for (const { _id, amount } of await reads.aggregate<OwedRow>(from, owedBy(id, { $and: [counted, asked] }))) {
      const key = `${_id.about} ${_id.document}`
      sums.set(key, { ..._id, amountMinor: (sums.get(key)?.amountMinor ?? 0n) + BigInt(amount.toString()) })
    }
  }
  return [...sums].flatMap(([, sum]) => (sum.amountMinor === 0n ? [] : [sum])).sort(byDocument)
}

type OwedRow = { _id: { about: string; document: string }; amount: { toString(): string } }

const byDocument = (one: OwedSum, other: OwedSum): number =>
  `${one.about} ${one.document}` < `${other.about} ${other.document}` ? -1 : 1

const amount = { $toDecimal: '$postings.amountMinor' }
const owedBy = (id: string, entries: object) => [
  { $match: entries },
  { $unwind: '$postings' },
  { $match: { 'postings.account': id } },
  {
    $group: {
      _id: { about: '$about', document: '$document' },
      amount: { $sum: { $cond: [{ $eq: ['$postings.side', 'debit'] }, amount, { $multiply: [amount, -1] }] } },
    },
  },
  { $match: { amount: { $ne: 0 } } },
]
