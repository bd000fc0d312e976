import { Overtaken } from '../overtaken.js'
import { rangeOf, Page } from '@countinghouse/shared/http/page'
import { defineCollection } from '@countinghouse/shared/mongo/collection'
import { insertion, type CompanionWrite } from '@countinghouse/shared/mongo/companion'
import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
import type { mongo } from 'mongoose'
import { PAYMENT_STATUSES, type PaymentStatus } from '../bills.js'
import { SALE_STATUSES, type Sale, type SaleStatus } from './domain/sale.js'

const text = { type: String, required: true }
const amount = { type: BigInt, required: true }
const date = { type: Date, required: true }
const flag = { type: Boolean, required: true }

export const sales = defineCollection<Sale>(
  'sales',
  {
    ...{ saleId: text, customerId: text, customerName: text, warehouseId: text, currency: text },
    lines: { type: [Object], required: true },
    ...{ subtotalMinor: amount, discountMinor: amount, taxRateBps: amount, taxMinor: amount, totalMinor: amount },
    ...{ costMinor: amount, creditedMinor: amount, paidMinor: amount, refundedMinor: amount, underWayMinor: amount },
    ...{ isShipped: flag, lastAttemptFailed: flag },
    status: { type: String, enum: SALE_STATUSES, required: true },
    paymentStatus: { type: String, enum: PAYMENT_STATUSES, required: true },
    ...{ day: text, dueOn: text, notes: String, terms: { type: [String], required: true }, createdBy: text },
    ...{ createdAt: date, shippedAt: Date, cancelledAt: Date, deletedAt: Date, updatedAt: date },
    version: { type: Number, required: true },
  },
  {
    indexes: [
      { fields: { createdAt: -1, _id: -1 } },
      { fields: { createdBy: 1, createdAt: -1 } },
      { fields: { customerId: 1, createdAt: -1 } },
      { fields: { paymentStatus: 1, dueOn: 1 } },
      { fields: { status: 1, createdAt: -1 } },
      { fields: { terms: 1 } },
      { fields: { saleId: 1 }, options: { unique: true } },
    ],
    invariants: [
      { $gte: ['$totalMinor', { $toLong: 0 }] },
      { $gte: ['$totalMinor', '$creditedMinor'] },
      { $gte: ['$paidMinor', '$refundedMinor'] },
    ],
  },
)

/** Somebody else has taken a step with this sale since it was read. */
export const saleInsertion = (sale: Sale): CompanionWrite => insertion(sales, sale, () => new Overtaken())

/** Writes a step if the sale is still as it was when the step was decided. */
export const saleUpdate = (before: Sale, { _id, ...after }: Sale): CompanionWrite => ({
  kind: 'update',
  into: sales,
  filter: { _id, version: before.version },
  update: { $set: after },
  otherwise: () => new Overtaken(),
})

export const saveSale = async (tx: Tx, before: Sale, { _id, ...after }: Sale): Promise<void> => {
  const saved = await tx.update(sales, { _id, version: before.version }, { $set: after })
  if (saved === 0) throw new Overtaken()
}

export const findSale = (reads: Reads, number: string) => reads.findOne(sales, { _id: number, deletedAt: null })

/** The same, whether or not its readers see it: for what concerns its money. */
export const findAnySale = (reads: Reads, number: string) => reads.findOne(sales, { _id: number })

/** What a customer owes on all bills together. */
export const owedBy = async (reads: Reads, customerId: string): Promise<bigint> => {
  const due = {
    $subtract: ['$totalMinor', { $add: ['$creditedMinor', { $subtract: ['$paidMinor', '$refundedMinor'] }] }],
  }
  const [found] = await reads.aggregate<{ owedMinor: bigint }>(sales, [
    { $match: { customerId, paymentStatus: { $ne: 'paid' }, cancelledAt: null } },
    { $group: { _id: null, owedMinor: { $sum: due } } },
  ])
  return found?.owedMinor ?? 0n
}

export type SaleQuery = {
  customerId?: string | undefined
  status?: SaleStatus | undefined
  paymentStatus?: PaymentStatus | undefined
  unpaid?: boolean | undefined
  overdue?: boolean | undefined
  /** Words, or beginnings of words, of number and customer. */
  words: readonly string[]
  period: { from?: Date; before?: Date }
  today: string
  /** Whose they are; undefined for all. */
  createdBy: string | undefined
  sort: Record<string, 1 | -1>
}

export const listSales = async (
  reads: Reads,
  query: SaleQuery,
  at: { page: number; page_size: number },
): Promise<Page<Sale>> => {
  const filter = filterOf(query)
  const found = await reads.find(sales, filter, { sort: query.sort, ...rangeOf(at) })
  return new Page(found, await reads.count(sales, filter), at)
}

const filterOf = ({ period: { from, before }, ...query }: SaleQuery): mongo.Filter<Sale> => {
  const conditions: mongo.Filter<Sale>[] = [
    { deletedAt: null },
    ...query.words.map((word): mongo.Filter<Sale> => ({ terms: { $regex: `^${word}` } })),
    ...(query.unpaid === undefined ? [] : [query.unpaid ? UNPAID : { $nor: [UNPAID] }]),
    ...(query.overdue === undefined ? [] : [overdue(query.today, query.overdue)]),
    ...(query.customerId === undefined ? [] : [{ customerId: query.customerId }]),
    ...(query.createdBy === undefined ? [] : [{ createdBy: query.createdBy }]),
    ...(query.status ? [{ status: query.status }] : []),
    ...(query.paymentStatus ? [{ paymentStatus: query.paymentStatus }] : []),
    ...(from ? [{ createdAt: { $gte: from } }] : []),
    ...(before ? [{ createdAt: { $lt: before } }] : []),
  ]
  return { $and: conditions }
}

const UNPAID: mongo.Filter<Sale> = { paymentStatus: { $in: ['pending', 'partial', 'failed'] }, cancelledAt: null }

const overdue = (today: string, wanted: boolean): mongo.Filter<Sale> => {
  const isOverdue = { ...UNPAID, dueOn: { $lt: today } }
  return wanted ? isOverdue : { $nor: [isOverdue] }
}

/** How many bills are overdue, and what is owed on them, by currency. */
export const overdueTotals = (
  reads: Reads,
  today: string,
): Promise<{ _id: string; bills: number; dueMinor: bigint }[]> =>
  reads.aggregate(sales, [
    { $match: overdue(today, true) },
    {
      $group: {
        _id: '$currency',
        bills: { $sum: 1 },
        dueMinor: {
          $sum: {
            $subtract: ['$totalMinor', { $add: ['$creditedMinor', { $subtract: ['$paidMinor', '$refundedMinor'] }] }],
          },
        },
      },
    },
  ])
