import { instantsOf } from '@countinghouse/shared/days'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Day, Id, Timestamp, WireAmount, pageQuery, text } from '@countinghouse/shared/http/fields'
import { toWireAmount } from '@countinghouse/shared/money'
import { z } from 'zod'
import { dismiss, findSuspicions, removeTwin, type Deps } from './commands.js'
import { DUPLICATE_KINDS, FIXES, OUTCOMES, type Finding, type Suspicion } from './domain.js'
import { TWINS_MAX } from './store.js'

type RouteDeps = Deps & { currency: string }

const tag = 'Duplicates'
const Kind = z.enum(DUPLICATE_KINDS)
const Ids = z.array(z.string().min(1).max(64)).min(2).max(TWINS_MAX)
const body = { kind: Kind, ids: Ids.meta({ description: 'All that look alike' }), reason: text(500) }

const SuspicionView = z.object({
  kind: Kind,
  party: z.string().nullable().meta({ description: 'The party, the bill or the name that they have in common' }),
  amount: WireAmount.nullable(),
  date: Day.nullable(),
  twins: z.array(
    z.object({ id: z.string(), bill_number: z.string().nullable(), created_by: Id.nullable(), created_at: Timestamp }),
  ),
  fix: z.string().meta({ description: 'What happens to the one that is too many, when it is removed' }),
})

const FindingView = z.object({
  id: Id,
  kind: Kind,
  outcome: z.enum(OUTCOMES),
  ids: z.array(z.string()),
  removed: z.string().nullable(),
  reason: z.string(),
  by: Id,
  at: Timestamp,
})

const ids = ['SO-261121-0001', 'SO-261121-0002']
const at = '2026-11-21T09:30:00.000Z'
const found = { id: '019aa3f0-7c1e-7d4b-9b44-0d6a3e0fd001', kind: 'sale', ids, by: 'USER-RAJ', at }
const suspicionExample = {
  ...{ kind: 'sale', party: 'CUST-001', amount: 700, date: '2026-11-21', fix: FIXES.sale },
  twins: ids.map((id) => ({ id, bill_number: id, created_by: 'USER-RAJ', created_at: at })),
}

export const duplicateEndpoints = (deps: RouteDeps) => [listEndpoint(deps), dismissEndpoint(deps), removeEndpoint(deps)]

const listEndpoint = (deps: RouteDeps) =>
  endpoint({
    ...{ method: 'get', path: '/duplicates', tag, access: ['admin', 'viewer'] as const },
    reads: { data: 'personal', of: 'duplicate' },
    summary: 'Show what looks as if it had been entered twice, and nobody has looked into',
    query: z.object({ ...pageQuery, kind: Kind.optional(), from: Day.optional(), to: Day.optional() }),
    ...{ view: SuspicionView, list: true, example: { view: [suspicionExample] } },
    handle: async ({ query: { kind, from, to, ...asked } }) => {
      const period = instantsOf({ from, to }, deps.timeZone)
      const suspicions = await findSuspicions(deps, { kind, period, at: asked })
      return suspicions.map((suspicion) => toView(suspicion, deps.currency))
    },
  })

const dismissEndpoint = (deps: RouteDeps) =>
  endpoint({
    ...{ method: 'post', path: '/duplicates/dismiss', tag, access: ['admin'] as const, status: 201, idempotent: true },
    summary: 'Say that entries which look alike are none the less several',
    ...{ body: z.strictObject(body), view: FindingView, refusals: ['not_alike'] },
    example: {
      body: { kind: 'sale', ids, reason: 'Two deliveries on one day' },
      view: { ...found, outcome: 'dismissed', removed: null, reason: 'Two deliveries on one day' },
    },
    handle: ({ body: verdict, user, answering }) =>
      answering(async (writes) =>
        toFindingView(await dismiss(deps, { ...verdict, by: user.userId }, (made) => writes(toFindingView(made)))),
      ),
  })

const removeEndpoint = (deps: RouteDeps) =>
  endpoint({
    ...{ method: 'post', path: '/duplicates/remove', tag, access: ['admin'] as const, status: 201, idempotent: true },
    summary: 'Take back the one that is too many, with all that it did',
    body: z.strictObject({
      ...body,
      remove: z.string().min(1).max(64).meta({ description: 'The one that is too many' }),
      method: z.enum(['cash', 'bank']).default('bank').meta({ description: 'How what was paid is paid back' }),
    }),
    view: FindingView,
    refusals: ['not_alike', 'refund_by_card', 'insufficient_stock', 'payment_under_way', 'stock_busy'],
    example: {
      body: { kind: 'sale', ids, remove: 'SO-261121-0002', reason: 'Entered twice' },
      view: { ...found, outcome: 'removed', removed: 'SO-261121-0002', reason: 'Entered twice' },
    },
    handle: ({ body: verdict, user, answering }) =>
      answering(async (writes) =>
        toFindingView(await removeTwin(deps, { ...verdict, by: user.userId }, (made) => writes(toFindingView(made)))),
      ),
  })

const toView = (
  { kind, party, amountMinor, day, twins }: Suspicion,
  currency: string,
): z.input<typeof SuspicionView> => ({
  ...{ kind, party, amount: amountMinor === null ? null : toWireAmount(amountMinor, currency), date: day },
  twins: twins.map(({ id, billNumber, createdBy, createdAt }) => ({
    ...{ id, bill_number: billNumber, created_by: createdBy, created_at: createdAt.toISOString() },
  })),
  fix: FIXES[kind],
})

const toFindingView = ({ _id, at: when, ...finding }: Finding): z.input<typeof FindingView> => ({
  ...{ id: _id, ...finding, at: when.toISOString() },
})
