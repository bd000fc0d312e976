import type { Read } from '@countinghouse/shared/contracts/audit'

/** What happened as it is remembered for ever: who, when, what, to whom and why. `data` is JSON without secrets. */
export type Entry = {
  _id: string
  height: number
  at: Date
  actor: string
  action: string
  entityKind: string
  entityId: string
  customerIds: string[]
  /** Of a list that was read: what was in it. */
  found?: string[]
  reason: string | null
  correlationId: string
  causationId: string | null
  data: string
  previousHash: string
  hash: string
}

/** What is known of an entry before its place in the chain. */
export type Fact = Omit<Entry, 'height' | 'data' | 'previousHash' | 'hash'> & {
  readonly data: Readonly<Record<string, unknown>>
}

/** An event as the audit log takes it, its data without secrets. */
export type Announced = {
  readonly id: string
  readonly type: string
  readonly subject: string
  readonly time: string
  readonly actor: string
  readonly correlationid: string
  readonly causationid?: string | undefined
  readonly data: Readonly<Record<string, unknown>>
}

/** The end of the chain so far. */
export type Link = Pick<Entry, 'height' | 'hash'>
export const BEFORE_THE_FIRST: Link = { height: 0, hash: '0'.repeat(64) }

export type Seal = (content: Omit<Entry, 'hash'>) => string

/** The entry that a fact adds to the chain. */
export const chain = (fact: Fact, last: Link, toText: (data: unknown) => string, seal: Seal): Entry => {
  const content = { ...fact, height: last.height + 1, data: toText(fact.data), previousHash: last.hash }
  return { ...content, hash: seal(content) }
}

export const toFact = (event: Announced): Fact => {
  const { id: _id, type, subject, time, actor, correlationid, causationid = null, data } = event
  const action = actionOf(type)
  return {
    ...{ _id, at: new Date(time), actor, action, data },
    ...{ entityKind: action.slice(0, action.indexOf('.')), entityId: subject },
    ...{ customerIds: customersIn(data), reason: reasonIn(data) },
    ...{ correlationId: correlationid, causationId: causationid },
  }
}

const A_LIST = '*'

/** That something was read is a fact of its own, though many are announced at once. */
export const toReadFact = (read: Read, _id: string): Fact => {
  const { at, actor, entity_kind: entityKind, entity_id, customer_ids, found, purpose, request_id, ...how } = read
  return {
    ...{ _id, at: new Date(at), actor, action: readingOf(entityKind), entityKind, entityId: entity_id ?? A_LIST },
    ...(found.length > 0 && { found }),
    ...{ customerIds: customer_ids, reason: purpose, correlationId: request_id, causationId: null, data: how },
  }
}

export const readingOf = (entityKind: string): string => `${entityKind}.read`

// `countinghouse.sale.refunded.v1` is `sale.refunded`.
const actionOf = (type: string): string => type.replace(/^[^.]+\./, '').replace(/\.v\d+$/, '')

const customersIn = ({ customer_id, user_id, party }: Announced['data']): string[] => {
  const partyId = typeof party === 'object' && party !== null ? (party as { id?: unknown }).id : party
  return [...new Set([customer_id, user_id, partyId].filter((id) => typeof id === 'string'))]
}

const reasonIn = ({ reason, failure_reason, note }: Announced['data']): string | null =>
  ([reason, failure_reason, note].find((text) => typeof text === 'string' && text !== '') as string | undefined) ?? null

export type Break = { height: number; id: string | null; problem: 'missing' | 'unlinked' | 'changed' }

/** The first entry, of those that follow `last`, at which the chain does not hold. */
export const findBreak = (entries: readonly Entry[], last: Link, seal: Seal): Break | undefined => {
  let before = last
  for (const entry of entries) {
    const problem = problemOf(entry, before, seal)
    if (problem) return { height: before.height + 1, id: problem === 'missing' ? null : entry._id, problem }
    before = entry
  }
  return undefined
}

const problemOf = (entry: Entry, before: Link, seal: Seal): Break['problem'] | undefined => {
  const { hash, ...content } = entry
  if (entry.height !== before.height + 1) return 'missing'
  if (entry.previousHash !== before.hash) return 'unlinked'
  return hash === seal(content) ? undefined : 'changed'
}

/** What is wrong where the entries end, if they do not end as the log remembers. */
export const findLooseEnd = (end: Link, head: Link): Break | undefined => {
  if (end.height < head.height) return { height: end.height + 1, id: null, problem: 'missing' }
  return end.height > head.height || end.hash !== head.hash
    ? { height: head.height, id: null, problem: 'changed' }
    : undefined
}
