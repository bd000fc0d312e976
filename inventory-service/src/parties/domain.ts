export const PARTY_KINDS = ['supplier', 'customer'] as const
export type PartyKind = (typeof PARTY_KINDS)[number]

/** Whom the house trades with: a supplier, or a trade customer. */
export type Party = {
  _id: string
  name: string
  contact: string | null
  address: string | null
  notes: string | null
  /** How many days after its date a bill is due. */
  paymentTermsDays: number
  /** Nothing new is agreed with one that is not. */
  active: boolean
  /** The words by which a search finds it. */
  terms: string[]
  /** That a document has named it: then it is not deleted any more. */
  isNamed: boolean
  version: number
  createdAt: Date
  updatedAt: Date
}

export type PartyFields = Pick<Party, 'name' | 'contact' | 'address' | 'notes' | 'paymentTermsDays' | 'active'>

export const createParty = (id: string, fields: PartyFields, now: Date): Party => ({
  _id: id,
  ...fields,
  terms: termsOf(id, fields),
  isNamed: false,
  version: 1,
  createdAt: now,
  updatedAt: now,
})

export const changeParty = (party: Party, changes: Partial<PartyFields>, now: Date): Party => {
  const changed = { ...party, ...changes, version: party.version + 1, updatedAt: now }
  return { ...changed, terms: termsOf(party._id, changed) }
}

const termsOf = (id: string, { name, contact, address }: PartyFields): string[] =>
  wordsOf(id, name, contact ?? '', address ?? '')

/** The words of some texts, as they are searched for. */
export const wordsOf = (...texts: string[]): string[] => [
  ...new Set(texts.flatMap((text) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])),
]
