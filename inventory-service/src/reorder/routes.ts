import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Id, pageQuery, Timestamp } from '@countinghouse/shared/http/fields'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { toWire } from '@countinghouse/shared/http/wire'
import { z } from 'zod'
import { Quantity, StockItemId, WarehouseId } from '../stock/fields.js'
import { acceptSuggestion, type Deps } from './commands.js'
import { SUGGESTION_STATUSES, type Suggestion } from './domain.js'
import { listSuggestions } from './store.js'

const SupplierId = z.string().min(1).max(64)

const SuggestionView = z.object({
  id: Id,
  item_id: StockItemId,
  warehouse_id: WarehouseId,
  quantity: z.number(),
  reorder_point: z.number().meta({ description: 'Demand over the lead time, and what covers its ups and downs' }),
  projected: z.number().meta({ description: 'What can be promised, is on its way or is drafted' }),
  demand_per_day: z.number(),
  supplier_id: SupplierId.nullable(),
  status: z.enum(SUGGESTION_STATUSES),
  purchase_number: z.string().nullable(),
  created_at: Timestamp,
  updated_at: Timestamp,
  version: z.number(),
})

const example = {
  ...{ id: '019aa3f0-7c1e-7d4b-9b44-0d6a3e0f9a15', item_id: 'preform-28g', warehouse_id: 'main', quantity: 5000 },
  ...{ reorder_point: 2400, projected: 1800, demand_per_day: 310.5, supplier_id: 'SUP-001', status: 'open' },
  ...{ purchase_number: null, version: 1 },
  ...{ created_at: '2026-11-21T09:30:00.000Z', updated_at: '2026-11-21T09:30:00.000Z' },
}
const accepted = { ...example, status: 'accepted', purchase_number: 'PO-261121-0003', version: 2 }

const tag = 'Reordering'
const path = '/reorder-suggestions'
const acceptRefusals = [
  ...['suggestion_not_found', 'suggestion_closed', 'supplier_not_found', 'supplier_inactive', 'supplier_unknown'],
]

export const reorderEndpoints = (deps: Deps) => [
  endpoint({
    ...{ method: 'get', path, summary: 'List what should be ordered', tag, access: ['staff', 'admin', 'viewer'] },
    query: z.object({ ...pageQuery, status: z.enum(SUGGESTION_STATUSES).default('open') }),
    ...{ view: SuggestionView, list: true, example: { view: [example] } },
    handle: async ({ query }) => (await listSuggestions(readsOn(deps.db), query)).map(toView),
  }),
  endpoint({
    ...{ method: 'post', path: `${path}/:id/accept`, summary: 'Make a suggestion a draft purchase', tag },
    ...{ access: ['staff', 'admin'], status: 201, idempotent: true, params: z.object({ id: Id }) },
    body: z.strictObject({ supplier_id: SupplierId.optional(), quantity: Quantity.optional() }),
    ...{
      view: SuggestionView,
      refusals: acceptRefusals,
      example: { body: { supplier_id: 'SUP-001' }, view: accepted },
    },
    handle: ({ params: { id }, body: { supplier_id: supplierId, quantity }, user, answering }) =>
      answering(async (answer) => {
        const acceptance = { id, supplierId, quantity, userId: user.userId }
        return toView(await acceptSuggestion(deps, acceptance, (made) => answer(toView(made))))
      }),
  }),
]

const toView = ({ _id, ...suggestion }: Suggestion) => ({ id: _id, ...toWire(suggestion) })
