import { defineCollection } from '@countinghouse/shared/mongo/collection'
import type { LoanState, PaidOut } from './domain.js'

export const loanStates = defineCollection<LoanState>(
  'lending_states',
  {
    loanId: { type: String, required: true },
    on: { type: String, required: true },
    at: { type: Date, required: true },
    status: { type: String, required: true },
    principalMinor: { type: BigInt, required: true },
    oldestUnpaidDueOn: { type: String },
  },
  { indexes: [{ fields: { on: 1 } }] },
)

export const paidOut = defineCollection<PaidOut>('lending_loans', {
  amountMinor: { type: BigInt, required: true },
  currency: { type: String, required: true },
  activatedOn: { type: String },
})

export const lendingCollections = [loanStates, paidOut]
