import { houseAccountId } from '../ledger/chart.js'
import { credit, debit, type EntryDraft } from '../ledger/domain.js'

export type Disbursement = {
  entryId: string
  loanId: string
  walletId: string
  amountMinor: bigint
  currency: string
  actor: string
}

/** One loan, one pay-out: the key that no second entry can have. */
export const disbursementKey = (loanId: string): string => `disbursement:${loanId}`

/** Paying out a loan: the borrower owes the house the principal, and the house owes the borrower's wallet the same. */
export const disbursementEntry = ({
  entryId,
  loanId,
  walletId,
  amountMinor,
  currency,
  actor,
}: Disbursement): EntryDraft => ({
  entryId,
  key: disbursementKey(loanId),
  kind: 'disbursement',
  reference: { kind: 'disbursement', id: loanId },
  actor,
  postings: [
    debit(houseAccountId('loans_receivable', currency), amountMinor),
    { ...credit(walletId, amountMinor), onlyIfOpen: true },
  ],
})
