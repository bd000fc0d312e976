import { endpoint } from '@countinghouse/shared/http/endpoint'
import { pageQuery, text, Timestamp } from '@countinghouse/shared/http/fields'
import { fromWire, toWire } from '@countinghouse/shared/http/wire'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { z } from 'zod'
import { addItem, deleteItem, editItem, getItem } from './commands.js'
import { ITEM_GRADES, ITEM_TYPES, ITEM_UNITS, type Item } from './domain.js'
import { listItems } from './store.js'

export type Deps = { db: Connection; now: () => Date }

const ItemId = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/i, 'use letters, digits, dots, dashes and underscores')

const fields = {
  name: text(200),
  type: z.enum(ITEM_TYPES),
  size: text(50).nullable(),
  grade: z.enum(ITEM_GRADES).nullable(),
  unit: z.enum(ITEM_UNITS),
  low_stock_threshold: z.number().int().min(0).max(1_000_000_000).nullable(),
}

const ItemBody = z.strictObject({
  id: ItemId,
  ...fields,
  size: fields.size.default(null),
  grade: fields.grade.default(null),
  unit: fields.unit.default('pcs'),
  low_stock_threshold: fields.low_stock_threshold.default(null),
})

const ItemView = z.object({ id: ItemId, ...fields, version: z.number(), created_at: Timestamp, updated_at: Timestamp })

const exampleBody = { id: 'bottle-500ml-a', name: 'Bottle 500ml Grade A', type: 'bottle', size: '500ml', grade: 'A' }
const exampleView = {
  ...exampleBody,
  unit: 'pcs',
  low_stock_threshold: null,
  version: 1,
  created_at: '2026-11-21T09:30:00.000Z',
  updated_at: '2026-11-21T09:30:00.000Z',
}

const reader = ['staff', 'admin', 'viewer'] as const
const writer = ['staff', 'admin'] as const
const params = z.object({ id: ItemId })

export const itemEndpoints = ({ db, now }: Deps) => [
  endpoint({
    method: 'get',
    path: '/items',
    summary: 'List items by name',
    tag: 'Items',
    access: reader,
    query: z.object({ ...pageQuery, type: z.enum(ITEM_TYPES).optional() }),
    view: ItemView,
    list: true,
    example: { view: [exampleView] },
    handle: async ({ query }) => (await listItems(readsOn(db), query)).map(toView),
  }),
  endpoint({
    method: 'post',
    path: '/items',
    summary: 'Add an item',
    tag: 'Items',
    access: writer,
    status: 201,
    idempotent: true,
    body: ItemBody,
    view: ItemView,
    refusals: ['item_exists'],
    example: { body: exampleBody, view: exampleView },
    handle: ({ body: { id, ...body }, once }) =>
      once(async (tx) => toView(await addItem(tx, id, fromWire(body), now()))),
  }),
  endpoint({
    method: 'get',
    path: '/items/:id',
    summary: 'Read an item',
    tag: 'Items',
    access: reader,
    params,
    view: ItemView,
    refusals: ['item_not_found'],
    example: { view: exampleView },
    handle: async ({ params: { id } }) => toView(await getItem(readsOn(db), id)),
  }),
  endpoint({
    method: 'patch',
    path: '/items/:id',
    summary: 'Change an item',
    tag: 'Items',
    access: writer,
    params,
    body: z.strictObject(fields).partial(),
    view: ItemView,
    refusals: ['item_not_found', 'version_conflict'],
    example: { body: { low_stock_threshold: 500 }, view: { ...exampleView, low_stock_threshold: 500, version: 2 } },
    handle: ({ params: { id }, body, ifMatch, once }) =>
      once(async (tx) => toView(await editItem(tx, { id, changes: fromWire(body), ifMatch }, now()))),
  }),
  endpoint({
    method: 'delete',
    path: '/items/:id',
    summary: 'Delete an item',
    tag: 'Items',
    access: writer,
    status: 204,
    params,
    view: z.void(),
    refusals: ['item_not_found'],
    handle: ({ params: { id }, once }) => once((tx) => deleteItem(tx, id)),
  }),
]

const toView = ({ _id, ...item }: Item) => ({ id: _id, ...toWire(item) })
