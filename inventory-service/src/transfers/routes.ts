import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Id, pageQuery, text, Timestamp, WireAmount } from '@countinghouse/shared/http/fields'
import { toWireAmount } from '@countinghouse/shared/money'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { z } from 'zod'
import { Quantity, StockItemId, WarehouseId } from '../stock/fields.js'
import { transfer, type Deps } from './commands.js'
import type { Transfer } from './domain.js'
import { listTransfers } from './store.js'

const LINES_MAX = 100
const places = { from_warehouse_id: WarehouseId, to_warehouse_id: WarehouseId }
const line = { item_id: StockItemId, quantity: Quantity }

const TransferBody = z.strictObject({
  ...places,
  line_items: z.array(z.strictObject(line)).min(1).max(LINES_MAX),
  note: text(2000).nullable().default(null),
})

const TransferView = z.object({
  id: Id,
  ...places,
  line_items: z.array(z.object({ ...line, value: WireAmount })),
  note: z.string().nullable(),
  created_by: Id,
  created_at: Timestamp,
})

const exampleBody = {
  from_warehouse_id: 'main',
  to_warehouse_id: 'north',
  line_items: [{ item_id: 'bottle-500ml-a', quantity: 100 }],
}
const exampleView = {
  ...{ id: '019aa3f0-7c1e-7d4b-9b44-0d6a3e0f9a13', ...exampleBody },
  line_items: [{ item_id: 'bottle-500ml-a', quantity: 100, value: 211 }],
  ...{ note: null, created_by: 'USER-RAJ', created_at: '2026-11-21T09:30:00.000Z' },
}

const tag = 'Stock'
const path = '/stocks/transfers'
const reader = ['staff', 'admin', 'viewer'] as const

export const transferEndpoints = (deps: Deps) => [
  endpoint({
    ...{ method: 'get', path, summary: 'List transfers, the newest first', tag, access: reader },
    ...{ query: z.object(pageQuery), view: TransferView, list: true, example: { view: [exampleView] } },
    handle: async ({ query }) => (await listTransfers(readsOn(deps.db), query)).map(toView),
  }),
  endpoint({
    ...{ method: 'post', path, summary: 'Move goods to another warehouse', tag, access: ['staff', 'admin'] },
    ...{ status: 201, idempotent: true, body: TransferBody, view: TransferView },
    refusals: ['item_not_found', 'warehouse_not_found', 'insufficient_stock', 'same_warehouse', 'stock_busy'],
    example: { body: exampleBody, view: exampleView },
    handle: ({ body, user, answering }) =>
      answering(async (answer) => {
        const { from_warehouse_id: fromWarehouseId, to_warehouse_id: toWarehouseId, note } = body
        const lines = body.line_items.map(({ item_id: itemId, quantity }) => ({ itemId, quantity }))
        const draft = { fromWarehouseId, toWarehouseId, note, lines }
        return toView(await transfer(deps, draft, user.userId, (made) => answer(toView(made))))
      }),
  }),
]

const toView = (made: Transfer): z.input<typeof TransferView> => ({
  id: made._id,
  from_warehouse_id: made.fromWarehouseId,
  to_warehouse_id: made.toWarehouseId,
  line_items: made.lines.map(({ itemId, quantity, valueMinor }) => ({
    ...{ item_id: itemId, quantity, value: toWireAmount(valueMinor, made.currency) },
  })),
  note: made.note,
  created_by: made.createdBy,
  created_at: made.createdAt.toISOString(),
})
