import { where } from '@countinghouse/shared/mongo/partial'
import { LOAN_DECISIONS, LOAN_STATUSES } from '@countinghouse/shared/contracts/loan'
import { defineCollection } from '@countinghouse/shared/mongo/collection'
import { Schema, type SchemaDefinition } from 'mongoose'
import { RISK_LIMIT_MAX } from '../domain/risk.js'
import type { Loan } from '../domain/loan.js'

const part = (fields: SchemaDefinition) => new Schema(fields, { _id: false, strict: 'throw' })

const reason = part({
  code: { type: String, required: true },
  contribution: { type: Number, required: true },
  value: Number,
  message: { type: String, required: true },
})

const vote = part({ by: { type: String, required: true }, at: { type: Date, required: true }, reason: String })

const disbursement = part({
  status: { type: String, enum: ['PENDING', 'FAILED', 'COMPLETED', 'RETURNED'], required: true },
  code: String,
  reason: String,
  entryId: String,
  creditedAt: Date,
  attempts: { type: Number, required: true },
  askAgainAt: Date,
})

const summary = part({
  principalOutstandingMinor: { type: BigInt, required: true },
  oldestUnpaidDueOn: String,
  lastDueOn: { type: String, required: true },
  asOf: { type: String, required: true },
})

const night = part({
  on: { type: String, required: true },
  bucket: { type: String, required: true },
  reminded: { type: part({ dueOn: { type: String, required: true }, days: { type: Number, required: true } }) },
})

const historyEntry = part({
  step: { type: String, required: true },
  status: { type: String, enum: LOAN_STATUSES, required: true },
  by: { type: String, required: true },
  at: { type: Date, required: true },
  reason: String,
})

const paidOut = ['APPROVED', 'ACTIVE', 'CLOSED', 'WRITTEN_OFF']

// Of most loans neither clock runs, so the indexes hold only the others.

export const loans = defineCollection<Loan>(
  'loans',
  {
    customerId: { type: String, required: true },
    amountMinor: { type: BigInt, required: true },
    currency: { type: String, required: true },
    termMonths: { type: Number, required: true },
    purpose: String,
    incomeMinor: BigInt,
    expensesMinor: BigInt,
    productId: { type: String, required: true },
    productVersion: { type: Number, required: true },
    product: { type: Object, required: true },
    annualRate: { type: String, required: true },
    riskModelVersion: { type: String, required: true },
    riskScore: { type: Number, required: true },
    riskReasons: { type: [reason], required: true },
    maxAmountMinor: BigInt,
    minTermMonths: Number,
    status: { type: String, enum: LOAN_STATUSES, required: true },
    decision: { type: String, enum: LOAN_DECISIONS, required: true },
    enteredBy: { type: String, required: true },
    ownApplication: { type: Boolean, required: true },
    votes: { type: [vote], required: true },
    decidedBy: String,
    decidedAt: Date,
    decisionReason: String,
    expiresAt: Date,
    withdrawal: { type: String, enum: ['WITHDRAWN', 'CANCELLED', 'EXPIRED', null] },
    disbursement: { type: disbursement },
    eventCount: { type: Number, required: true },
    booked: Object,
    summary: { type: summary },
    night: { type: night },
    writeOffVotes: { type: [vote] },
    history: { type: [historyEntry], required: true },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
    version: { type: Number, required: true },
  },
  {
    // The last word on risk, also for code that forgets to ask: such a loan can not be stored as approved.
    invariants: [{ $or: [{ $not: [{ $in: ['$status', paidOut] }] }, { $lt: ['$riskScore', RISK_LIMIT_MAX] }] }],
    indexes: [
      { fields: { createdAt: -1, _id: -1 } },
      { fields: { customerId: 1, createdAt: -1, _id: -1 } },
      { fields: { status: 1, createdAt: -1, _id: -1 } },
      { fields: { decision: 1, createdAt: -1, _id: -1 } },
      { fields: { amountMinor: 1, _id: 1 } },
      { fields: { riskScore: 1, _id: 1 } },
      { fields: { status: 1, 'summary.oldestUnpaidDueOn': 1 } },
      { fields: { status: 1, _id: 1, 'night.on': 1 } },
      { fields: { 'disbursement.askAgainAt': 1 }, options: where('disbursement.askAgainAt', 'date') },
      { fields: { expiresAt: 1 }, options: where('expiresAt', 'date') },
    ],
  },
)
