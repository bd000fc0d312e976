import { endpoint } from '@countinghouse/shared/http/endpoint'
import { pageQuery, text, Timestamp } from '@countinghouse/shared/http/fields'
import { fromWire, toWire } from '@countinghouse/shared/http/wire'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { z } from 'zod'
import { VALUATION_METHODS } from '../stock/domain/stock.js'
import { addItem, deleteItem, editItem, getItem } from './commands.js'
import { ITEM_GRADES, ITEM_TYPES, ITEM_UNITS, defaultTerms, type Item } from './domain.js'
import { listItems } from './store.js'

export type Deps = { db: Connection; now: () => Date }

const ItemId = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/i, 'use letters, digits, dots, dashes and underscores')

const quantity = z.number().int().max(1_000_000_000)

const fields = {
  name: text(200),
  type: z.enum(ITEM_TYPES),
  size: text(50).nullable(),
  grade: z.enum(ITEM_GRADES).nullable(),
  unit: z.enum(ITEM_UNITS),
  low_stock_threshold: quantity.min(0).nullable(),
  valuation_method: z.enum(VALUATION_METHODS),
  reorder_quantity: quantity.min(1).nullable(),
  reorder_multiple: quantity.min(1),
  lead_time_days: z.number().int().min(0).max(365),
  service_level: z.number().min(50).max(99.9),
  supplier_id: z.string().max(128).nullable(),
}

const ItemBody = z.strictObject({
  id: ItemId,
  ...fields,
  size: fields.size.default(null),
  grade: fields.grade.default(null),
  unit: fields.unit.default('pcs'),
  low_stock_threshold: fields.low_stock_threshold.default(defaultTerms.lowStockThreshold),
  valuation_method: fields.valuation_method.default(defaultTerms.valuationMethod),
  reorder_quantity: fields.reorder_quantity.default(defaultTerms.reorderQuantity),
  reorder_multiple: fields.reorder_multiple.default(defaultTerms.reorderMultiple),
  lead_time_days: fields.lead_time_days.default(defaultTerms.leadTimeDays),
  service_level: fields.service_level.default(defaultTerms.serviceLevel),
  supplier_id: fields.supplier_id.default(defaultTerms.supplierId),
})

const ItemView = z.object({
  id: ItemId,
  ...fields,
  owner_id: z.string().nullable(),
  version: z.number(),
  created_at: Timestamp,
  updated_at: Timestamp,
})

const exampleBody = { id: 'bottle-500ml-a', name: 'Bottle 500ml Grade A', type: 'bottle', size: '500ml', grade: 'A' }
const exampleView = {
  ...exampleBody,
  unit: 'pcs',
  low_stock_threshold: null,
  valuation_method: 'fifo',
  reorder_quantity: 5000,
  reorder_multiple: 500,
  lead_time_days: 7,
  service_level: 95,
  supplier_id: null,
  owner_id: null,
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
    refusals: ['item_not_found', 'version_conflict', 'valuation_fixed'],
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
    refusals: ['item_not_found', 'item_in_use'],
    handle: ({ params: { id }, once }) => once((tx) => deleteItem(tx, id)),
  }),
]

const toView = ({ _id, ...item }: Item) => ({ id: _id, ...toWire(item) })
