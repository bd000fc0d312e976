import type { Reads } from '@countinghouse/shared/mongo/transaction'
import { sumDocuments } from '../books/store.js'
import type { ReportContext } from '../reports/definition.js'
import { inDays, sumOf, toMinor, type Decimal } from '../reports/sums.js'
import type { Bill } from './domain.js'
import { bills, blows, itemNames } from './store.js'

/** What was sold at the counter and in the shop. */
export const SOLD = ['sale', 'order'] as const
type Kinds = Bill['kind'] | readonly Bill['kind'][]

/** Bills that count: not taken back, not hidden, and of the shop those whose goods have left. */
export const standing = (kind: Kinds, asked: Pick<ReportContext, 'from' | 'to' | 'currency'>) => ({
  kind: typeof kind === 'string' ? kind : { $in: [...kind] },
  ...{ deleted: false, status: { $nin: ['cancelled', 'draft', 'pending'] }, currency: asked.currency },
  ...inDays(asked),
})

export type BillSum = {
  _id: string
  name: string
  bills: number
  last: string
} & Record<'total' | 'credited' | 'paid' | 'refunded' | 'due' | 'overdue' | 'net' | 'cost', bigint>

const FIELDS = {
  total: '$totalMinor',
  credited: '$creditedMinor',
  paid: '$paidMinor',
  refunded: '$refundedMinor',
  due: '$dueMinor',
  // Goods that came back are neither sold nor a cost.
  net: { $subtract: [{ $sum: '$lines.netMinor' }, { $sum: '$returned.netMinor' }] },
  cost: { $subtract: [{ $sum: '$lines.costMinor' }, { $sum: '$returned.costMinor' }] },
}

/** The bills of a period together, by party or by day or month. */
export const sumBills = async (context: ReportContext, kind: Kinds, by: unknown): Promise<BillSum[]> => {
  const overdue = { $cond: [{ $lt: ['$dueOn', context.today] }, '$dueMinor', 0] }
  const fields: Record<string, unknown> = { ...FIELDS, overdue }
  const names = Object.keys(fields)
  const sums = Object.fromEntries(names.map((name) => [name, sumOf(fields[name])]))
  const rows = await context.reads.aggregate<Record<string, Decimal>>(bills, [
    { $match: standing(kind, context) },
    { $sort: { day: 1, _id: 1 } },
    { $group: { _id: by, name: { $last: '$partyName' }, bills: { $sum: 1 }, last: { $max: '$day' }, ...sums } }, // prettier-ignore
    { $sort: { _id: 1 } },
  ])
  return rows.map((row) => ({ ...row, ...Object.fromEntries(names.map((name) => [name, toMinor(row[name] as Decimal)])) }) as BillSum) // prettier-ignore
}

export type ItemSum = { _id: string; quantity: number; net: bigint; tax: bigint; cost: bigint }

/** What was sold, or came back, of each item. */
export const sumItems = async (context: ReportContext, kind: Kinds, part: 'lines' | 'returned'): Promise<ItemSum[]> => {
  const rows = await context.reads.aggregate<{
    _id: string
    quantity: number
    net: Decimal
    tax: Decimal
    cost: Decimal
  }>(bills, [
    { $match: standing(kind, context) },
    { $unwind: `$${part}` },
    {
      $group: {
        _id: `$${part}.itemId`,
        quantity: { $sum: `$${part}.quantity` },
        ...{ net: sumOf(`$${part}.netMinor`), tax: sumOf(`$${part}.taxMinor`), cost: sumOf(`$${part}.costMinor`) },
      },
    },
    { $sort: { _id: 1 } },
  ])
  return rows.map((row) => ({
    ...{
      _id: row._id,
      quantity: Number(row.quantity),
      net: toMinor(row.net),
      tax: toMinor(row.tax),
      cost: toMinor(row.cost),
    },
  }))
}

export type RunSum<By> = { _id: By; runs: number; input: number; output: number } & Record<
  (typeof COSTS)[number],
  bigint
>
const COSTS = ['materialMinor', 'blowCostMinor', 'varianceMinor', 'producedMinor'] as const

/** Runs of blowing that stand, together by what they are grouped by. */
export const sumRuns = async <By>(context: ReportContext, by: unknown): Promise<RunSum<By>[]> => {
  const { reads, currency, ...asked } = context
  const costs = Object.fromEntries(COSTS.map((name) => [name, sumOf(`$${name}`)]))
  const counts = { runs: { $sum: 1 }, input: { $sum: '$inputQuantity' }, output: { $sum: '$quantity' } }
  const rows = await reads.aggregate<Record<string, Decimal>>(blows, [
    { $match: { reversed: false, currency, ...inDays(asked) } },
    { $group: { _id: by, ...counts, ...costs } },
    { $sort: { _id: 1 } },
  ])
  return rows.map((row) => ({ ...row, ...Object.fromEntries(COSTS.map((name) => [name, toMinor(row[name] as Decimal)])) }) as unknown as RunSum<By>) // prettier-ignore
}

export const namesOf = async (reads: Reads): Promise<Map<string, string>> =>
  new Map((await reads.find(itemNames, {})).map(({ _id, name }) => [_id, name]))

export type OpenBill = Pick<Bill, 'partyId' | 'partyName' | 'dueOn'> & { owedMinor: bigint }

/** What customers owed at the end of the period, bill by bill, as the books say; of a document without a bill its name. */
export const openBills = async ({ reads, currency, period, from, today }: ReportContext): Promise<OpenBill[]> => {
  const owed = await sumDocuments(reads, { account: 'receivables', currency, before: period.before })
  const nameOf = ({ about, document }: (typeof owed)[number]) => `${about} ${document}`
  const found = await reads.aggregate<Pick<Bill, '_id' | 'partyId' | 'partyName' | 'day' | 'dueOn'>>(bills, [
    { $match: { _id: { $in: owed.map(nameOf) } } },
    { $project: { partyId: 1, partyName: 1, day: 1, dueOn: 1 } },
  ])
  const known = new Map(found.map((bill) => [bill._id, bill]))
  return owed.flatMap((sum) => {
    const bill = known.get(nameOf(sum)) ?? { partyId: nameOf(sum), partyName: '', day: today, dueOn: today }
    const { partyId, partyName, day, dueOn } = bill
    return from !== undefined && day < from ? [] : [{ partyId, partyName, dueOn, owedMinor: sum.amountMinor }]
  })
}
