import { instantsOf } from '@countinghouse/shared/days'
import { dryRunQuery, rehearsed } from '@countinghouse/shared/http/dryRun'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Day, Id, nonNegativeAmountIn, pageQuery, text } from '@countinghouse/shared/http/fields'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { z } from 'zod'
import { askerOf } from '../asking.js'
import { getBlow, previewBlow, recordBlow, reverse, type Deps } from './commands.js'
import { BLOW_STATUSES, COST_BASES, type BlowTerms } from './domain.js'
import { blowBody, blowExample, efficiencyExample, reversedExample } from './examples.js'
import { listBlows, sumBlows } from './store.js'
import { BlowView, DryBlowView, EfficiencyView, toBlowView, toEfficiencyView } from './view.js'

export type RouteDeps = Deps & { timeZone: string; standardYieldBps: bigint | null }

const reader = ['staff', 'admin', 'viewer'] as const
const writer = ['staff', 'admin'] as const
const tag = 'Production'
const params = z.object({ id: Id })
const refusals = ['blow_not_found']

const ItemId = z.string().min(1).max(64)
const Quantity = z.number().int().positive().max(1_000_000_000)
// Percent with two decimals are read as amounts are: exactly, into hundredths.
const Yield = nonNegativeAmountIn('USD').refine(
  (bps) => bps > 0n && bps <= 10_000n,
  'ensure this value is above 0 and at most 100',
)

const bodyIn = (currency: string) =>
  z.strictObject({
    from_item_id: ItemId.meta({ example: 'preform-500ml' }),
    to_item_id: ItemId.meta({ example: 'bottle-500ml-a' }),
    input_quantity: Quantity.optional().meta({
      description: 'Preforms that went in; as many as came out, if not given',
    }),
    quantity: Quantity.meta({ description: 'Good bottles that came out' }),
    blow_cost_per_unit: nonNegativeAmountIn(currency).default(0n),
    blow_cost_basis: z.enum(COST_BASES).default('output').meta({ description: 'The units that blowing is paid for' }),
    standard_yield: Yield.optional().meta({ description: 'Percent; what is lost beyond it, the bottles do not bear' }),
    warehouse_id: z.string().min(1).max(64).default('main'),
    notes: text(2000).nullable().default(null),
  })

const toTerms = (body: z.output<ReturnType<typeof bodyIn>>, { standardYieldBps }: RouteDeps): BlowTerms => ({
  fromItemId: body.from_item_id,
  toItemId: body.to_item_id,
  warehouseId: body.warehouse_id,
  inputQuantity: body.input_quantity ?? body.quantity,
  quantity: body.quantity,
  blowCostPerUnitMinor: body.blow_cost_per_unit,
  blowCostBasis: body.blow_cost_basis,
  standardYieldBps: body.standard_yield ?? standardYieldBps,
  notes: body.notes,
})

const period = { from: Day.optional(), to: Day.optional() }
const items = { from_item_id: ItemId.optional(), to_item_id: ItemId.optional() }
export const blowEndpoints = (deps: RouteDeps) => [
  recordEndpoint(deps),
  listEndpoint(deps),
  efficiencyEndpoint(deps),
  readEndpoint(deps),
  reverseEndpoint(deps),
]

const recordEndpoint = (deps: RouteDeps) =>
  endpoint({
    ...{
      method: 'post',
      path: '/blows',
      tag,
      access: writer,
      status: 201,
      idempotent: true,
      query: z.object(dryRunQuery),
    },
    summary: 'Record a run that blew preforms into bottles',
    ...{ body: bodyIn(deps.currency), view: z.union([DryBlowView, BlowView]) },
    refusals: ['item_not_found', 'wrong_item_type', 'output_above_input', 'warehouse_not_found', 'insufficient_stock', 'stock_busy'], // prettier-ignore
    example: { body: blowBody, view: blowExample },
    handle: async ({ query: { dry_run }, body, user, answering }) => {
      const [terms, by] = [toTerms(body, deps), askerOf(user)]
      if (dry_run) return rehearsed(DryBlowView, { ...toBlowView(await previewBlow(deps, terms, by)), id: null })
      return answering(async (writes) =>
        toBlowView(await recordBlow(deps, terms, by, (blow) => writes(toBlowView(blow)))),
      )
    },
  })

const listEndpoint = (deps: RouteDeps) =>
  endpoint({
    ...{ method: 'get', path: '/blows', summary: 'List runs, newest first', tag, access: reader },
    query: z.object({ ...pageQuery, ...items, ...period, status: z.enum(BLOW_STATUSES).optional() }),
    ...{ view: BlowView, list: true, example: { view: [blowExample] } },
    handle: async ({ query: { from_item_id, to_item_id, from, to, status, ...at }, user }) => {
      const { userId, seesAll } = askerOf(user)
      const of = { fromItemId: from_item_id, toItemId: to_item_id, status, createdBy: seesAll ? undefined : userId }
      const found = await listBlows(readsOn(deps.db), { ...of, period: instantsOf({ from, to }, deps.timeZone) }, at)
      return found.map(toBlowView)
    },
  })

const efficiencyEndpoint = (deps: RouteDeps) =>
  endpoint({
    ...{ method: 'get', path: '/blows/efficiency', tag, access: reader, query: z.object({ ...items, ...period }) },
    summary: 'Sum up what was made of what: yield, wastage and cost, in all, by item and by day',
    ...{ view: EfficiencyView, example: { view: efficiencyExample } },
    handle: async ({ query: { from_item_id: fromItemId, to_item_id: toItemId, from, to } }) => {
      const asked = { fromItemId, toItemId, period: instantsOf({ from, to }, deps.timeZone) }
      return toEfficiencyView(await sumBlows(readsOn(deps.db), asked), deps.currency)
    },
  })

const readEndpoint = (deps: RouteDeps) =>
  endpoint({
    ...{ method: 'get', path: '/blows/:id', summary: 'Read a run', tag, access: reader, params },
    ...{ view: BlowView, refusals, example: { view: blowExample } },
    handle: async ({ params: { id }, user }) => toBlowView(await getBlow(readsOn(deps.db), id, askerOf(user))),
  })

const reverseEndpoint = (deps: RouteDeps) =>
  endpoint({
    ...{ method: 'post', path: '/blows/:id/reverse', tag, access: writer, idempotent: true, params, view: BlowView },
    summary: 'Take a run back while all its bottles are there',
    body: z.strictObject({ reason: text(500) }),
    refusals: [...refusals, 'blow_reversed', 'bottles_gone', 'stock_busy'],
    example: { body: { reason: 'Entered twice' }, view: reversedExample },
    handle: ({ params: { id }, body: { reason }, user, answering }) =>
      answering(async (writes) => {
        const answer = (blow: Parameters<typeof toBlowView>[0]) => writes(toBlowView(blow))
        return toBlowView(await reverse(deps, { id, by: askerOf(user), reason }, answer))
      }),
  })
