import { Page, rangeOf } from '@countinghouse/shared/http/page'
import { defineCollection } from '@countinghouse/shared/mongo/collection'
import { insertion, type CompanionWrite } from '@countinghouse/shared/mongo/companion'
import type { Reads } from '@countinghouse/shared/mongo/transaction'
import type { mongo } from 'mongoose'
import { BLOW_STATUSES, COST_BASES, type Blow } from './domain.js'

const name = { type: String, required: true }
const amount = { type: BigInt, required: true }
const count = { type: Number, required: true }
const moment = { type: Date, required: true }

export const blows = defineCollection<Blow>(
  'blows',
  {
    ...{ fromItemId: name, toItemId: name, warehouseId: name, inputQuantity: count, quantity: count },
    blowCostPerUnitMinor: amount,
    blowCostBasis: { type: String, enum: COST_BASES, required: true },
    standardYieldBps: BigInt,
    ...{ materialCostMinor: amount, blowCostMinor: amount, varianceMinor: amount, producedCostMinor: amount },
    status: { type: String, enum: BLOW_STATUSES, required: true },
    ...{ moveId: name, reversal: Object, currency: name, notes: String, day: name },
    ...{ createdBy: name, createdAt: moment, updatedAt: moment, version: count },
  },
  {
    indexes: [
      { fields: { createdAt: -1, _id: -1 } },
      { fields: { createdBy: 1, createdAt: -1, _id: -1 } },
      { fields: { toItemId: 1, createdAt: -1, _id: -1 } },
    ],
    // Nothing is lost between what went in and what came out.
    invariants: [
      {
        $eq: [{ $add: ['$materialCostMinor', '$blowCostMinor'] }, { $add: ['$producedCostMinor', '$varianceMinor'] }],
      },
      { $gte: ['$inputQuantity', '$quantity'] },
    ],
  },
)

/** Somebody else took a step with the run since it was read. */
export class BlowChanged extends Error {}

export const blowInsertion = (blow: Blow): CompanionWrite => insertion(blows, blow, () => new BlowChanged())

export const blowUpdate = (before: Blow, { _id, ...after }: Blow): CompanionWrite => ({
  kind: 'update',
  into: blows,
  filter: { _id, version: before.version },
  update: { $set: after },
  otherwise: () => new BlowChanged(),
})

/** `createdBy` for those who see their own alone. */
export const findBlow = (reads: Reads, id: string, createdBy: string | undefined) =>
  reads.findOne(blows, { _id: id, ...(createdBy !== undefined && { createdBy }) })

export type BlowQuery = {
  fromItemId?: string | undefined
  toItemId?: string | undefined
  status?: Blow['status'] | undefined
  period?: { from?: Date; before?: Date } | undefined
  createdBy?: string | undefined
}

const toFilter = ({ fromItemId, toItemId, status, period = {}, createdBy }: BlowQuery): mongo.Filter<Blow> => ({
  ...(fromItemId !== undefined && { fromItemId }),
  ...(toItemId !== undefined && { toItemId }),
  ...(status && { status }),
  ...(createdBy !== undefined && { createdBy }),
  ...((period.from ?? period.before) && {
    createdAt: { ...(period.from && { $gte: period.from }), ...(period.before && { $lt: period.before }) },
  }),
})

export const listBlows = async (
  reads: Reads,
  query: BlowQuery,
  at: { page: number; page_size: number },
): Promise<Page<Blow>> => {
  const filter = toFilter(query)
  const found = await reads.find(blows, filter, { sort: { createdAt: -1, _id: -1 }, ...rangeOf(at) })
  return new Page(found, await reads.count(blows, filter), at)
}

/** What runs came to together. */
export type Efficiency = Pick<Blow, 'inputQuantity' | 'quantity'> &
  Pick<Blow, 'materialCostMinor' | 'blowCostMinor' | 'varianceMinor' | 'producedCostMinor'> & { runs: number }

type Grouped = Record<keyof Efficiency, bigint | number> & {
  _id: { fromItemId?: string; toItemId?: string; day?: string }
}
export type GroupedEfficiency = { key: Grouped['_id']; efficiency: Efficiency }

const SUMS = ['inputQuantity', 'quantity', 'materialCostMinor', 'blowCostMinor', 'varianceMinor', 'producedCostMinor']

/** What the runs that stand came to: all together, by what was made of what, and by day. */
export const sumBlows = async (
  reads: Reads,
  query: BlowQuery,
): Promise<Record<'total' | 'byItem' | 'byDay', GroupedEfficiency[]>> => {
  const sums = Object.fromEntries(SUMS.map((field) => [field, { $sum: `$${field}` }]))
  const by = (key: object) => [{ $group: { _id: key, runs: { $sum: 1 }, ...sums } }, { $sort: { _id: 1 as const } }]
  const pairs = { fromItemId: '$fromItemId', toItemId: '$toItemId' }
  const [found] = await reads.aggregate<Record<'total' | 'byItem' | 'byDay', Grouped[]>>(blows, [
    { $match: toFilter({ ...query, status: 'completed' }) },
    { $facet: { total: by({}), byItem: by(pairs), byDay: by({ day: '$day' }) } },
  ])
  const read = (groups: Grouped[] = []) => groups.map(toEfficiency)
  return { total: read(found?.total), byItem: read(found?.byItem), byDay: read(found?.byDay) }
}

const toEfficiency = ({ _id: key, ...sums }: Grouped): GroupedEfficiency => ({
  key,
  efficiency: {
    runs: Number(sums.runs),
    inputQuantity: Number(sums.inputQuantity),
    quantity: Number(sums.quantity),
    materialCostMinor: BigInt(sums.materialCostMinor),
    blowCostMinor: BigInt(sums.blowCostMinor),
    varianceMinor: BigInt(sums.varianceMinor),
    producedCostMinor: BigInt(sums.producedCostMinor),
  },
})
