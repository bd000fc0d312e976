import { rangeOf, Page } from '@countinghouse/shared/http/page'
import { defineCollection, type CollectionDefinition } from '@countinghouse/shared/mongo/collection'
import type { Reads } from '@countinghouse/shared/mongo/transaction'
import type { PaymentMethod } from './domain/books.js'
import type { ReturnedLine } from './domain/steps.js'

export const RECORD_STATUSES = ['pending', 'succeeded', 'failed'] as const
type RecordStatus = (typeof RECORD_STATUSES)[number]

type OfSale = { _id: string; billNumber: string; currency: string; createdBy: string; createdAt: Date }

/** One attempt to pay a bill. */
export type SalePayment = OfSale & {
  amountMinor: bigint
  method: PaymentMethod
  reference: string | null
  status: RecordStatus
  /** The payment at wallet-service, of a card. */
  paymentId: string | null
  /** Of a card: the means, and what the request under whose key it was asked for said. */
  paymentMethod: string | null
  fingerprint: string | null
  failure: { code: string; reason: string } | null
  settledAt: Date | null
}

/** Money paid back. */
export type SaleRefund = OfSale & {
  amountMinor: bigint
  method: PaymentMethod
  reference: string | null
  reason: string
  /** The payment that goes back, where it is one. */
  salePaymentId: string | null
  /** The refund at wallet-service, of a card. */
  refundId: string | null
  fingerprint: string | null
  status: RecordStatus
  failure: { code: string; reason: string } | null
  settledAt: Date | null
}

/** Goods that came back, and the credit note for them. */
export type SaleReturn = OfSale & {
  lines: ReturnedLine[]
  creditedMinor: bigint
  restocked: boolean
  reason: string
}

const text = { type: String, required: true }
const date = { type: Date, required: true }
const ofSale = { billNumber: text, currency: text, createdBy: text, createdAt: date }
const money = {
  amountMinor: { type: BigInt, required: true },
  method: text,
  reference: String,
  status: { type: String, enum: RECORD_STATUSES, required: true },
  failure: Object,
  settledAt: Date,
  fingerprint: String,
}
const byBill = { fields: { billNumber: 1, createdAt: 1, _id: 1 } } as const
const stillPending = { fields: { createdAt: 1 }, options: { partialFilterExpression: { status: 'pending' } } } as const

export const salePayments = defineCollection<SalePayment>(
  'salePayments',
  { ...ofSale, ...money, paymentId: String, paymentMethod: String },
  {
    indexes: [
      byBill,
      stillPending,
      { fields: { paymentId: 1 }, options: { unique: true, partialFilterExpression: { paymentId: { $gt: '' } } } },
    ],
  },
)

export const saleRefunds = defineCollection<SaleRefund>(
  'saleRefunds',
  { ...ofSale, ...money, reason: text, salePaymentId: String, refundId: String },
  { indexes: [byBill, stillPending, { fields: { salePaymentId: 1 } }] },
)

export const saleReturns = defineCollection<SaleReturn>(
  'saleReturns',
  {
    ...ofSale,
    lines: { type: [Object], required: true },
    creditedMinor: { type: BigInt, required: true },
    restocked: { type: Boolean, required: true },
    reason: text,
  },
  { indexes: [byBill] },
)

/** The records of one bill, in the order in which they were made. */
export const listOfBill = async <Row extends OfSale>(
  reads: Reads,
  from: CollectionDefinition<Row>,
  billNumber: string,
  at: { page: number; page_size: number },
): Promise<Page<Row>> => {
  const filter = { billNumber } as Parameters<typeof reads.find<Row>>[1]
  const found = await reads.find(from, filter, { sort: { createdAt: 1, _id: 1 }, ...rangeOf(at) })
  return new Page(found, await reads.count(from, filter), at)
}

export const findPayment = (reads: Reads, id: string) => reads.findOne(salePayments, { _id: id })
export const findRefund = (reads: Reads, id: string) => reads.findOne(saleRefunds, { _id: id })
export const findByPaymentId = (reads: Reads, paymentId: string) => reads.findOne(salePayments, { paymentId })

type ToMatch = { billNumber: string; amountMinor: bigint }

/** A card payment that was asked for and whose answer was not heard: those of one amount are as good as one another. */
export const findPendingPayment = (reads: Reads, { billNumber, amountMinor }: ToMatch) =>
  reads.findOne(salePayments, { billNumber, amountMinor, method: 'card', status: 'pending', paymentId: null })

/** The refund of this name at wallet-service, or one of that amount whose name was not heard. */
export const findRefundNamed = async (
  reads: Reads,
  { refundId, salePaymentId, amountMinor }: { refundId: string; salePaymentId: string | null; amountMinor: bigint },
): Promise<SaleRefund | undefined> => {
  if (salePaymentId === null) return undefined
  const ofPayment = await reads.find(saleRefunds, { salePaymentId })
  const unnamed = (row: SaleRefund) => row.refundId === null && row.amountMinor === amountMinor
  return ofPayment.find((row) => row.refundId === refundId) ?? ofPayment.find(unnamed)
}

/** What of a payment went back, or is on its way. */
export const refundedOf = async (reads: Reads, salePaymentId: string): Promise<bigint> => {
  const found = await reads.find(saleRefunds, { salePaymentId, status: { $ne: 'failed' } })
  return found.reduce((total, { amountMinor }) => total + amountMinor, 0n)
}

/** Card payments whose answer was not heard, the longest silent first. */
export const findUnheardPayments = (reads: Reads, before: Date, limit: number): Promise<SalePayment[]> =>
  reads.find(
    salePayments,
    { status: 'pending', paymentId: null, createdAt: { $lte: before } },
    { sort: { createdAt: 1 }, limit },
  )

export const findUnheardRefunds = (reads: Reads, before: Date, limit: number): Promise<SaleRefund[]> =>
  reads.find(
    saleRefunds,
    { status: 'pending', refundId: null, createdAt: { $lte: before } },
    { sort: { createdAt: 1 }, limit },
  )
