import type { Tx } from '@countinghouse/shared/mongo/transaction'
import type { LoanState, PaidOut } from './domain.js'
import { loanStates, paidOut } from './store.js'

export const noteState = (tx: Tx, state: LoanState): Promise<void> => tx.replace(loanStates, state)

export const noteLoan = async (tx: Tx, _id: string, news: Partial<PaidOut>): Promise<void> => {
  const known = await tx.findOne(paidOut, { _id })
  await tx.replace(paidOut, { amountMinor: 0n, currency: '', activatedOn: null, ...known, ...news, _id })
}
