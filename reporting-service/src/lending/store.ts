import { defineCollection } from '@countinghouse/shared/mongo/collection'
import type { Reads } from '@countinghouse/shared/mongo/transaction'
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

/** What of these loans, in the order of their ids, counts on a day: the id of a state begins with its loan's. */
export const findStates = async (reads: Reads, loans: readonly PaidOut[], on: string): Promise<LoanState[]> => {
  const [first, last] = [loans[0]?._id ?? '', loans.at(-1)?._id ?? '']
  return reads.find(loanStates, { _id: { $gte: `${first} `, $lt: `${last}!` }, on: { $lte: on } })
}

export const lendingCollections = [loanStates, paidOut]
