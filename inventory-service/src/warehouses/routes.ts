import { endpoint } from '@countinghouse/shared/http/endpoint'
import { pageQuery, text, Timestamp } from '@countinghouse/shared/http/fields'
import { Page, rangeOf } from '@countinghouse/shared/http/page'
import { fromWire, toWire } from '@countinghouse/shared/http/wire'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { z } from 'zod'
import { WarehouseId } from '../stock/fields.js'
import { warehouses, type Warehouse } from '../stock/warehouses.js'
import { addWarehouse, deleteWarehouse, editWarehouse, getWarehouse } from './commands.js'

export type Deps = { db: Connection; now: () => Date }

const fields = { name: text(200), address: text(500).nullable(), notes: text(2000).nullable() }

const WarehouseBody = z.strictObject({
  id: WarehouseId,
  ...fields,
  address: fields.address.default(null),
  notes: fields.notes.default(null),
})

const WarehouseView = z.object({
  id: WarehouseId,
  ...fields,
  version: z.number(),
  created_at: Timestamp,
  updated_at: Timestamp,
})

const exampleBody = { id: 'north', name: 'Warehouse North', address: '12 Ring Road' }
const exampleView = {
  ...exampleBody,
  notes: null,
  version: 1,
  created_at: '2026-11-21T09:30:00.000Z',
  updated_at: '2026-11-21T09:30:00.000Z',
}

const tag = 'Warehouses'
const reader = ['staff', 'admin', 'viewer'] as const
const writer = ['staff', 'admin'] as const
const params = z.object({ id: WarehouseId })

export const warehouseEndpoints = ({ db, now }: Deps) => [
  endpoint({
    ...{ method: 'get', path: '/warehouses', summary: 'List warehouses by name', tag, access: reader },
    ...{ query: z.object(pageQuery), view: WarehouseView, list: true, example: { view: [exampleView] } },
    handle: async ({ query }) => {
      const found = await readsOn(db).find(warehouses, {}, { sort: { name: 1, _id: 1 }, ...rangeOf(query) })
      return new Page(found, await readsOn(db).count(warehouses, {}), query).map(toView)
    },
  }),
  endpoint({
    ...{ method: 'post', path: '/warehouses', summary: 'Add a warehouse', tag, access: writer, status: 201 },
    ...{ idempotent: true, body: WarehouseBody, view: WarehouseView, refusals: ['warehouse_exists'] },
    example: { body: exampleBody, view: exampleView },
    handle: ({ body: { id, ...body }, once }) =>
      once(async (tx) => toView(await addWarehouse(tx, id, fromWire(body), now()))),
  }),
  endpoint({
    ...{ method: 'get', path: '/warehouses/:id', summary: 'Read a warehouse', tag, access: reader },
    ...{ params, view: WarehouseView, refusals: ['warehouse_not_found'], example: { view: exampleView } },
    handle: async ({ params: { id } }) => toView(await getWarehouse(readsOn(db), id)),
  }),
  endpoint({
    ...{ method: 'patch', path: '/warehouses/:id', summary: 'Change a warehouse', tag, access: writer, params },
    ...{ body: z.strictObject(fields).partial(), view: WarehouseView },
    refusals: ['warehouse_not_found', 'version_conflict'],
    example: { body: { name: 'North' }, view: { ...exampleView, name: 'North', version: 2 } },
    handle: ({ params: { id }, body, ifMatch, once }) =>
      once(async (tx) => toView(await editWarehouse(tx, { id, changes: fromWire(body), ifMatch }, now()))),
  }),
  endpoint({
    ...{ method: 'delete', path: '/warehouses/:id', summary: 'Delete a warehouse that never kept goods', tag },
    ...{ access: writer, status: 204, params, view: z.void(), refusals: ['warehouse_not_found', 'warehouse_in_use'] },
    handle: ({ params: { id }, once }) => once((tx) => deleteWarehouse(tx, id)),
  }),
]

const toView = ({ _id, isUsed: _, ...warehouse }: Warehouse) => ({ id: _id, ...toWire(warehouse) })
