import { LOAN_DECISIONS, LOAN_STATUSES } from '@countinghouse/shared/contracts/loan'
import { defineCollection } from '@countinghouse/shared/mongo/collection'
import { Schema, type SchemaDefinition } from 'mongoose'
import { RISK_LIMIT_MAX } from '../domain/decision.js'
import type { Loan } from '../domain/loan.js'

const part = (fields: SchemaDefinition) => new Schema(fields, { _id: false, strict: 'throw' })

const reason = part({
  code: { type: String, required: true },
  contribution: { type: Number, required: true },
  value: Number,
  message: { type: String, required: true },
})

const disbursement = part({
  status: { type: String, enum: ['PENDING', 'FAILED', 'COMPLETED'], required: true },
  code: String,
  reason: String,
  entryId: String,
  creditedAt: Date,
})

const historyEntry = part({
  step: { type: String, required: true },
  status: { type: String, enum: LOAN_STATUSES, required: true },
  by: { type: String, required: true },
  at: { type: Date, required: true },
  reason: String,
})

const paidOut = ['APPROVED', 'ACTIVE', 'CLOSED', 'WRITTEN_OFF']

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
    decidedBy: String,
    decidedAt: Date,
    decisionReason: String,
    disbursement: { type: disbursement },
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
      { fields: { amountMinor: 1 } },
    ],
  },
)
