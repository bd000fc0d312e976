import type { CompanionWrite } from '@countinghouse/shared/mongo/companion'
import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
import { refuse as refuseCommon } from '@countinghouse/shared/refusal'
import { refuse } from '../errors.js'
import { changeParty, createParty, type Party, type PartyFields, type PartyKind } from './domain.js'
import { findParty, insertParty, naming, removeUnnamedParty, saveParty } from './store.js'

type Named = { kind: PartyKind; id: string }

export const addParty = async (tx: Tx, { kind, id }: Named, fields: PartyFields, now: Date): Promise<Party> => {
  const party = createParty(id, fields, now)
  if (!(await insertParty(tx, kind, party))) throw refuse(`${kind}_exists`, idOf({ kind, id }))
  return party
}

export const getParty = async (reads: Reads, kind: PartyKind, id: string): Promise<Party> => {
  const party = await findParty(reads, kind, id)
  if (!party) throw refuse(`${kind}_not_found`, idOf({ kind, id }))
  return party
}

/** The party, if something new may be agreed with it. */
export const getActiveParty = async (reads: Reads, kind: PartyKind, id: string): Promise<Party> => {
  const party = await getParty(reads, kind, id)
  if (!party.active) throw refuse(`${kind}_inactive`, idOf({ kind, id }))
  return party
}

type PartyChange = Named & { changes: Partial<PartyFields>; ifMatch: number | undefined }

export const editParty = async (tx: Tx, { kind, id, changes, ifMatch }: PartyChange, now: Date): Promise<Party> => {
  const party = await getParty(tx, kind, id)
  if (ifMatch !== undefined && ifMatch !== party.version) throw refuseCommon('version_conflict')
  const changed = changeParty(party, changes, now)
  await saveParty(tx, kind, changed)
  return changed
}

export const deleteParty = async (tx: Tx, { kind, id }: Named): Promise<void> => {
  await getParty(tx, kind, id)
  if ((await removeUnnamedParty(tx, kind, id)) === 0) throw refuse(`${kind}_in_use`, idOf({ kind, id }))
}

/** The writes of a document that names the party. */
export const namedBy = (kind: PartyKind, party: Party): CompanionWrite[] =>
  naming(kind, party, () => refuse(`${kind}_not_found`, idOf({ kind, id: party._id })))

const idOf = ({ kind, id }: Named) => ({ [`${kind}_id`]: id })
