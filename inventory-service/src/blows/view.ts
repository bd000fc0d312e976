import { toPercent } from '../percent.js'
import { Day, Id, Timestamp, WireAmount } from '@countinghouse/shared/http/fields'
import { toWireAmount } from '@countinghouse/shared/money'
import { z } from 'zod'
import { BLOW_STATUSES, COST_BASES, unitCostOf, yieldOf, type Blow } from './domain.js'
import type { Efficiency, GroupedEfficiency } from './store.js'

const Percent = z.number().meta({ description: 'In percent', example: 95 })

export const BlowView = z.object({
  id: Id,
  status: z.enum(BLOW_STATUSES),
  from_item_id: z.string(),
  to_item_id: z.string(),
  warehouse_id: z.string(),
  input_quantity: z.number(),
  quantity: z.number(),
  wastage: z.number(),
  yield: Percent,
  standard_yield: Percent.nullable(),
  blow_cost_per_unit: WireAmount,
  blow_cost_basis: z.enum(COST_BASES),
  material_cost: WireAmount,
  blow_cost: WireAmount,
  variance: WireAmount.meta({ description: 'What was lost beyond the standard yield; the bottles do not bear it' }),
  produced_cost: WireAmount.meta({ description: 'What the bottles are worth in stock, all together' }),
  produced_unit_cost: WireAmount.meta({ description: 'What one bottle cost, rounded to be read' }),
  currency: z.string(),
  notes: z.string().nullable(),
  reversal: z.object({ reason: z.string(), by: Id, at: Timestamp }).nullable(),
  date: Day,
  created_at: Timestamp,
  created_by: Id,
  version: z.number(),
})

/** What a run would be: nothing is made of anything. */
export const DryBlowView = BlowView.extend({ id: z.null(), dry_run: z.literal(true) })

export const toBlowView = (blow: Blow): z.input<typeof BlowView> => {
  const wire = (amountMinor: bigint) => toWireAmount(amountMinor, blow.currency)
  return {
    id: blow._id,
    status: blow.status,
    from_item_id: blow.fromItemId,
    to_item_id: blow.toItemId,
    warehouse_id: blow.warehouseId,
    input_quantity: blow.inputQuantity,
    quantity: blow.quantity,
    wastage: blow.inputQuantity - blow.quantity,
    yield: toPercent(yieldOf(blow)),
    standard_yield: blow.standardYieldBps === null ? null : toPercent(blow.standardYieldBps),
    blow_cost_per_unit: wire(blow.blowCostPerUnitMinor),
    blow_cost_basis: blow.blowCostBasis,
    material_cost: wire(blow.materialCostMinor),
    blow_cost: wire(blow.blowCostMinor),
    variance: wire(blow.varianceMinor),
    produced_cost: wire(blow.producedCostMinor),
    produced_unit_cost: wire(unitCostOf(blow)),
    currency: blow.currency,
    notes: blow.notes,
    reversal: blow.reversal && { ...blow.reversal, at: blow.reversal.at.toISOString() },
    date: blow.day,
    created_at: blow.createdAt.toISOString(),
    created_by: blow.createdBy,
    version: blow.version,
  }
}

/** Hundredths of a percent as percent. */
const Sums = z.object({
  runs: z.number(),
  input_quantity: z.number(),
  quantity: z.number(),
  wastage: z.number(),
  yield: Percent,
  material_cost: WireAmount,
  blow_cost: WireAmount,
  variance: WireAmount,
  produced_cost: WireAmount,
  produced_unit_cost: WireAmount,
})

export const EfficiencyView = z.object({
  currency: z.string(),
  total: Sums,
  by_item: z.array(Sums.extend({ from_item_id: z.string(), to_item_id: z.string() })),
  by_day: z.array(Sums.extend({ date: Day })),
})

const NONE: Efficiency = {
  ...{ runs: 0, inputQuantity: 0, quantity: 0, materialCostMinor: 0n, blowCostMinor: 0n, varianceMinor: 0n },
  producedCostMinor: 0n,
}

const toSums = (sums: Efficiency, currency: string): z.input<typeof Sums> => {
  const wire = (amountMinor: bigint) => toWireAmount(amountMinor, currency)
  return {
    runs: sums.runs,
    input_quantity: sums.inputQuantity,
    quantity: sums.quantity,
    wastage: sums.inputQuantity - sums.quantity,
    yield: toPercent(yieldOf(sums)),
    material_cost: wire(sums.materialCostMinor),
    blow_cost: wire(sums.blowCostMinor),
    variance: wire(sums.varianceMinor),
    produced_cost: wire(sums.producedCostMinor),
    produced_unit_cost: wire(sums.quantity === 0 ? 0n : unitCostOf(sums)),
  }
}

type Groups = Record<'total' | 'byItem' | 'byDay', GroupedEfficiency[]>

export const toEfficiencyView = (
  { total, byItem, byDay }: Groups,
  currency: string,
): z.input<typeof EfficiencyView> => ({
  currency,
  total: toSums(total[0]?.efficiency ?? NONE, currency),
  by_item: byItem.map(({ key: { fromItemId = '', toItemId = '' }, efficiency }) => ({
    ...{ from_item_id: fromItemId, to_item_id: toItemId, ...toSums(efficiency, currency) },
  })),
  by_day: byDay.map(({ key: { day = '' }, efficiency }) => ({ date: day, ...toSums(efficiency, currency) })),
})
