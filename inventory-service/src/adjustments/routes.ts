import type { UserCaller } from '@countinghouse/shared/http/caller'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Id, nonNegativeAmountIn, pageQuery, text, Timestamp, WireAmount } from '@countinghouse/shared/http/fields'
import { toWireAmount } from '@countinghouse/shared/money'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { z } from 'zod'
import { WaitsForApproval } from '../approvals/gate.js'
import { WaitingView, isWaiting, toWaitingView } from '../approvals/view.js'
import { InWarehouse, QUANTITY_MAX, StockItemId, WarehouseId } from '../stock/fields.js'
import { adjust, type Deps, type Maker } from './commands.js'
import { ADJUSTMENT_REASONS, type Adjustment } from './domain.js'
import { listAdjustments } from './store.js'

const AdjustmentView = z.object({
  id: Id,
  item_id: StockItemId,
  warehouse_id: WarehouseId,
  delta: z.number(),
  reason: z.enum(ADJUSTMENT_REASONS),
  note: z.string().nullable(),
  value: WireAmount.meta({ description: 'At cost, below zero for what is gone' }),
  on_hand_after: z.number(),
  created_by: Id,
  created_at: Timestamp,
})

const bodyIn = (currency: string) =>
  z.strictObject({
    item_id: StockItemId,
    delta: z
      .number()
      .int()
      .min(-QUANTITY_MAX)
      .max(QUANTITY_MAX)
      .refine((delta) => delta !== 0, 'ensure this value is not 0'),
    reason: z.enum(ADJUSTMENT_REASONS),
    note: text(2000).nullable().default(null),
    warehouse_id: InWarehouse,
    value: nonNegativeAmountIn(currency).nullable().default(null).meta({
      description:
        'What goods that are added cost altogether; if it is not given, what others of the item cost on average',
    }),
  })

const exampleBody = { item_id: 'bottle-500ml-a', delta: -20, reason: 'damage', note: 'Fork lift' }
const exampleView = {
  ...{ id: '019aa3f0-7c1e-7d4b-9b44-0d6a3e0f9a12', ...exampleBody, warehouse_id: 'main', value: -42.2 },
  ...{ on_hand_after: 480, created_by: 'USER-RAJ', created_at: '2026-11-21T09:30:00.000Z' },
}

const tag = 'Stock'
const path = '/stocks/adjustments'
const reader = ['staff', 'admin', 'viewer'] as const

export const adjustmentEndpoints = (deps: Deps) => [
  endpoint({
    ...{ method: 'get', path, summary: 'List adjustments, the newest first', tag, access: reader },
    query: z.object({ ...pageQuery, item_id: StockItemId.optional() }),
    ...{ view: AdjustmentView, list: true, example: { view: [exampleView] } },
    handle: async ({ query }) => (await listAdjustments(readsOn(deps.db), query)).map(toView),
  }),
  endpoint({
    ...{ method: 'post', path, summary: 'Bring book stock to what is really there', tag, access: ['staff', 'admin'] },
    ...{ status: 201, idempotent: true, body: bodyIn(deps.approvalRules.currency), isOpen: isWaiting },
    view: z.union([AdjustmentView, WaitingView]),
    refusals: ['item_not_found', 'warehouse_not_found', 'insufficient_stock', 'opening_below_zero', 'stock_busy'],
    example: { body: exampleBody, view: exampleView },
    handle: ({ body, user, answering }) =>
      answering(async (answer) => {
        const { item_id: itemId, warehouse_id: warehouseId, value: worthMinor, ...rest } = body
        const adjusted = await adjust(deps, { itemId, warehouseId, worthMinor, ...rest }, makerOf(user), {
          made: (made) => answer(toView(made)),
          waiting: (approval) => answer(toWaitingView(approval)),
        })
        return adjusted instanceof WaitsForApproval ? toWaitingView(adjusted.approval) : toView(adjusted)
      }),
  }),
]

const makerOf = ({ userId, role }: UserCaller): Maker => ({ userId, isAdmin: role === 'admin' })

const toView = (adjustment: Adjustment): z.input<typeof AdjustmentView> => ({
  id: adjustment._id,
  item_id: adjustment.itemId,
  warehouse_id: adjustment.warehouseId,
  delta: adjustment.delta,
  reason: adjustment.reason,
  note: adjustment.note,
  value: toWireAmount(adjustment.valueMinor, adjustment.currency),
  on_hand_after: adjustment.onHandAfter,
  created_by: adjustment.createdBy,
  created_at: adjustment.createdAt.toISOString(),
})
