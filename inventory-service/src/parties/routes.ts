import { endpoint } from '@countinghouse/shared/http/endpoint'
import { pageQuery, text, Timestamp } from '@countinghouse/shared/http/fields'
import { fromWire, toWire } from '@countinghouse/shared/http/wire'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { Connection } from 'mongoose'
import { z } from 'zod'
import { addParty, deleteParty, editParty, getParty } from './commands.js'
import type { Party, PartyKind } from './domain.js'
import { listParties } from './store.js'

export type Deps = { db: Connection; now: () => Date }

const PartyId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/i, 'use letters, digits, dots, dashes and underscores')
  .meta({ example: 'CUST-001' })

const fields = {
  name: text(200),
  contact: text(200).nullable(),
  address: text(500).nullable(),
  notes: text(2000).nullable(),
  payment_terms_days: z.number().int().min(0).max(365),
  active: z.boolean(),
}

const PartyBody = z.strictObject({
  id: PartyId.optional(),
  ...fields,
  contact: fields.contact.default(null),
  address: fields.address.default(null),
  notes: fields.notes.default(null),
  payment_terms_days: fields.payment_terms_days.default(30),
  active: fields.active.default(true),
})

const PartyView = z.object({
  id: PartyId,
  ...fields,
  version: z.number(),
  created_at: Timestamp,
  updated_at: Timestamp,
})

const query = z.object({
  ...pageQuery,
  search: z
    .string()
    .max(100)
    .optional()
    .meta({ description: 'Words, or beginnings of words, of its name and address' }),
  active: z.stringbool().optional(),
})

const reader = ['staff', 'admin', 'viewer'] as const
const writer = ['staff', 'admin'] as const
const params = z.object({ id: PartyId })

const WORDS = {
  supplier: {
    path: '/suppliers',
    tag: 'Suppliers',
    one: 'supplier',
    id: 'SUP-001',
    name: 'Polymer Works',
    reads: { data: 'personal', of: 'supplier' },
  },
  customer: {
    path: '/trade-customers',
    tag: 'Trade customers',
    one: 'trade customer',
    id: 'CUST-001',
    name: 'ABC Grocery',
    reads: { data: 'personal', of: 'trade-customer' },
  },
} as const

const exampleOf = (kind: PartyKind) => {
  const body = { id: WORDS[kind].id, name: WORDS[kind].name, contact: '+91 80 5550 0100' }
  const times = { created_at: '2026-11-21T09:30:00.000Z', updated_at: '2026-11-21T09:30:00.000Z' }
  const rest = { address: null, notes: null, payment_terms_days: 30, active: true, version: 1 }
  return { body, view: { ...body, ...rest, ...times } }
}

/** Everything that is done with one kind of party. */
export const partyEndpoints = ({ db, now }: Deps, kind: PartyKind) => {
  const { path, tag, one, reads } = WORDS[kind]
  const example = exampleOf(kind)
  return [
    endpoint({
      ...{ method: 'get', path, summary: `List ${one}s by name, or find some`, tag, access: reader, reads },
      ...{ query, view: PartyView, list: true, example: { view: [example.view] } },
      handle: async ({ query: asked }) => (await listParties(readsOn(db), kind, asked)).map(toView),
    }),
    endpoint({
      ...{ method: 'post', path, summary: `Add a ${one}`, tag, access: writer, status: 201, idempotent: true },
      ...{ body: PartyBody, view: PartyView, refusals: [`${kind}_exists`], example },
      handle: ({ body: { id = uuidv7(), ...body }, once }) =>
        once(async (tx) => toView(await addParty(tx, { kind, id }, fromWire(body), now()))),
    }),
    endpoint({
      ...{ method: 'get', path: `${path}/:id`, summary: `Read a ${one}`, tag, access: reader, reads },
      ...{ params, view: PartyView, refusals: [`${kind}_not_found`], example: { view: example.view } },
      handle: async ({ params: { id } }) => toView(await getParty(readsOn(db), kind, id)),
    }),
    endpoint({
      ...{ method: 'patch', path: `${path}/:id`, summary: `Change a ${one}`, tag, access: writer },
      ...{ params, body: z.strictObject(fields).partial(), view: PartyView },
      refusals: [`${kind}_not_found`, 'version_conflict'],
      example: { body: { active: false }, view: { ...example.view, active: false, version: 2 } },
      handle: ({ params: { id }, body, ifMatch, once }) =>
        once(async (tx) => toView(await editParty(tx, { kind, id, changes: fromWire(body), ifMatch }, now()))),
    }),
    endpoint({
      ...{ method: 'delete', path: `${path}/:id`, summary: `Delete a ${one} that no document names`, tag },
      ...{ access: writer, status: 204, params, view: z.void(), refusals: [`${kind}_not_found`, `${kind}_in_use`] },
      handle: ({ params: { id }, once }) => once((tx) => deleteParty(tx, { kind, id })),
    }),
  ]
}

const toView = ({ _id, terms: _terms, isNamed: _named, ...party }: Party) => ({ id: _id, ...toWire(party) })
