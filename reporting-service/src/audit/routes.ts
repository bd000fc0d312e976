import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Id, Timestamp, feedQuery, text } from '@countinghouse/shared/http/fields'
import { invalidAt } from '@countinghouse/shared/http/problem'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { z } from 'zod'
import { periodQuery, toPeriod } from '../period.js'
import { getEntry, searchEntries, verifyChain, type Verdict } from './commands.js'
import { exampleEntry, exampleVerdict } from './examples.js'
import type { Entry } from './domain.js'
import type { Place } from './store.js'

export type Deps = { db: Connection; timeZone: string }

const [tag, access] = ['Audit', ['admin']] as const
const reads = { data: 'personal', of: 'audit' } as const
const Data = z.record(z.string(), z.unknown())
const Hash = z.string().regex(/^[0-9a-f]{64}$/)

const EntryView = z.object({
  id: Id,
  height: z.number().int().meta({ description: 'The place in the chain, from 1' }),
  at: Timestamp,
  actor: z.string(),
  action: z.string(),
  entity_kind: z.string(),
  entity_id: z.string(),
  customer_ids: z.array(z.string()),
  reason: z.string().nullable(),
  correlation_id: z.string(),
  causation_id: z.string().nullable(),
  after: Data.meta({ description: 'What was announced, without secrets' }),
  previous_hash: Hash,
  hash: Hash,
})

const DetailView = EntryView.extend({
  before: Data.nullable().meta({ description: 'What was announced of the same thing before' }),
})

const VerdictView = z.object({
  valid: z.boolean(),
  checked: z.number().int(),
  height: z.number().int().meta({ description: 'How long the chain is' }),
  first_break: z
    .object({
      height: z.number().int(),
      id: Id.nullable(),
      problem: z.enum(['missing', 'unlinked', 'changed']),
    })
    .nullable(),
  next: z.number().int().nullable().meta({ description: 'The `after` of the next stretch; null at the end' }),
})

const searchQuery = {
  actor: text(200).optional().meta({ description: '`user:<id>`, or the id alone; `service:<name>`' }),
  entity: text(300).optional().meta({ description: 'A kind, an id, or both: `sale:SO-251223-0026`' }),
  customer_id: Id.optional(),
  what: z.enum(['changes', 'reads']).optional().meta({ description: 'Both, unless it is said' }),
}

const STRETCH_MAX = 10_000
const verifyQuery = z.object({
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(STRETCH_MAX).default(STRETCH_MAX),
})

export const auditEndpoints = ({ db, timeZone }: Deps) => [
  endpoint({
    ...{ method: 'get', path: '/audit', tag, access },
    summary: 'Search the audit log, the newest first',
    query: z.object({ ...searchQuery, ...periodQuery(timeZone), ...feedQuery }),
    ...{ view: EntryView, list: true, reads, example: { view: [exampleEntry] } },
    handle: async ({ query }) => {
      const { actor, entity, customer_id: customerId, what, cursor, page_size } = query
      const search = { actor, entity, customerId, what, ...toPeriod(query), olderThan: placeOf(cursor) }
      const found = await searchEntries(readsOn(db), search, page_size)
      return found.map(toView)
    },
  }),
  endpoint({
    ...{ method: 'get', path: '/audit/verify', tag, access },
    summary: 'Compute a stretch of the audit log’s chain anew',
    ...{ query: verifyQuery, view: VerdictView, example: { view: exampleVerdict } },
    handle: async ({ query: { after, limit } }) => toVerdictView(await verifyChain(db, after, limit)),
  }),
  endpoint({
    ...{ method: 'get', path: '/audit/:id', tag, access, params: z.object({ id: Id }) },
    summary: 'Read one entry of the audit log, with what was before it',
    ...{ view: DetailView, reads, refusals: ['audit_entry_not_found'] },
    example: { view: { ...exampleEntry, before: null } },
    handle: async ({ params: { id } }) => {
      const { entry, before } = await getEntry(readsOn(db), id)
      return { ...toView(entry), before: before ? toView(before).after : null }
    },
  }),
]

const placeOf = (cursor: string | undefined): Place | undefined => {
  if (cursor === undefined) return undefined
  const [, at, height] = /^(\d{1,15})\.(\d{1,15})$/.exec(cursor) ?? []
  if (at === undefined || height === undefined) throw invalidAt(['query', 'cursor'], 'is not a cursor of this feed')
  return { at: new Date(Number(at)), height: Number(height) }
}

const toView = (entry: Entry) => ({
  ...{ id: entry._id, height: entry.height, at: entry.at.toISOString(), actor: entry.actor, action: entry.action },
  ...{ entity_kind: entry.entityKind, entity_id: entry.entityId, customer_ids: entry.customerIds },
  ...{ reason: entry.reason, correlation_id: entry.correlationId, causation_id: entry.causationId },
  ...{ after: JSON.parse(entry.data) as Record<string, unknown> },
  ...{ previous_hash: entry.previousHash, hash: entry.hash },
})

const toVerdictView = ({ checked, height, firstBreak, next }: Verdict) => ({
  ...{ valid: firstBreak === undefined, checked, height },
  ...{ first_break: firstBreak ?? null, next: next ?? null },
})
