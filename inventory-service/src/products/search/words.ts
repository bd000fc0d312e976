import { defineCollection } from '@countinghouse/shared/mongo/collection'
import { native, readsOn, type Tx } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { GUESS_FROM, looksLike, TERM_MAX, trigramsOf } from '../domain/terms.js'
import { products } from '../store.js'

/** A word of the catalogue. One that no product has any more finds none, and does no harm. */
type CatalogueWord = { _id: string; trigrams: string[] }

export const catalogueWords = defineCollection<CatalogueWord>(
  'catalogue_words',
  { trigrams: { type: [String], required: true } },
  { indexes: [{ fields: { trigrams: 1 } }] },
)

/** Learns words that the catalogue did not have. */
export const learnWords = async (tx: Tx, words: readonly string[]): Promise<void> => {
  const long = words.filter((word) => word.length >= GUESS_FROM)
  const known = new Set((await tx.find(catalogueWords, { _id: { $in: long } })).map(({ _id }) => _id))
  const fresh = long.filter((word) => !known.has(word)).map((word) => ({ _id: word, trigrams: trigramsOf(word) }))
  if (fresh.length > 0) await native(tx.db, catalogueWords).insertMany(fresh, { session: tx.session })
}

const CANDIDATES_MAX = 20

/** The terms that a typed word stands for: itself where some product has it, else the words that look like it. */
export const alternativesOf = async (db: Connection, typed: string): Promise<string[]> => {
  const term = typed.slice(0, TERM_MAX)
  const isKnown = await native(db, products).findOne({ terms: term, deletedAt: null }, { projection: { _id: 1 } })
  if (isKnown || typed.length < GUESS_FROM) return [term]
  const trigrams = trigramsOf(typed)
  const alike = await readsOn(db).aggregate<{ _id: string }>(catalogueWords, [
    { $match: { trigrams: { $in: trigrams } } },
    { $set: { shared: { $size: { $setIntersection: ['$trigrams', trigrams] } } } },
    ...[{ $sort: { shared: -1, _id: 1 } }, { $limit: CANDIDATES_MAX }],
  ])
  const likely = alike.map(({ _id }) => _id).filter((word) => looksLike(typed, word))
  return likely.length > 0 ? likely.map((word) => word.slice(0, TERM_MAX)) : [term]
}
