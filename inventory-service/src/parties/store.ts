import { Page, rangeOf } from '@countinghouse/shared/http/page'
import { defineCollection, type CollectionDefinition } from '@countinghouse/shared/mongo/collection'
import type { CompanionWrite } from '@countinghouse/shared/mongo/companion'
import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
import { wordsOf, type Party, type PartyKind } from './domain.js'

const definition = (name: string) =>
  defineCollection<Party>(
    name,
    {
      name: { type: String, required: true },
      contact: String,
      address: String,
      notes: String,
      paymentTermsDays: { type: Number, required: true },
      active: { type: Boolean, required: true },
      terms: { type: [String], required: true },
      isNamed: { type: Boolean, required: true },
      version: { type: Number, required: true },
      createdAt: { type: Date, required: true },
      updatedAt: { type: Date, required: true },
    },
    { indexes: [{ fields: { name: 1, _id: 1 } }, { fields: { terms: 1 } }] },
  )

export const parties: Record<PartyKind, CollectionDefinition<Party>> = {
  supplier: definition('suppliers'),
  customer: definition('trade_customers'),
}

export const findParty = (reads: Reads, kind: PartyKind, id: string) => reads.findOne(parties[kind], { _id: id })

export const insertParty = (tx: Tx, kind: PartyKind, party: Party): Promise<boolean> =>
  tx.insertIfAbsent(parties[kind], party)

/** Leaves alone what documents say of it. */
export const saveParty = async (tx: Tx, kind: PartyKind, { _id, isNamed: _named, ...fields }: Party) => {
  await tx.update(parties[kind], { _id }, { $set: fields })
}

/** Answers 0 when a document has ever named it. */
export const removeUnnamedParty = (tx: Tx, kind: PartyKind, id: string): Promise<number> =>
  tx.remove(parties[kind], { _id: id, isNamed: false })

/** What commits with the first document that names the party; misses when it was deleted meanwhile. */
export const naming = (kind: PartyKind, { _id, isNamed }: Party, otherwise: () => Error): CompanionWrite[] =>
  isNamed
    ? []
    : [{ kind: 'update', into: parties[kind], filter: { _id }, update: { $set: { isNamed: true } }, otherwise }]

type PartyFilter = { search?: string | undefined; active?: boolean | undefined }

export const listParties = async (
  reads: Reads,
  kind: PartyKind,
  { search = '', active, ...at }: PartyFilter & { page: number; page_size: number },
): Promise<Page<Party>> => {
  const words = wordsOf(search).map((word) => ({ terms: { $regex: `^${word}` } }))
  const filter = { ...(words.length > 0 && { $and: words }), ...(active !== undefined && { active }) }
  const found = await reads.find(parties[kind], filter, { sort: { name: 1, _id: 1 }, ...rangeOf(at) })
  return new Page(found, await reads.count(parties[kind], filter), at)
}
