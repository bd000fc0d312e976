import { credit, debit, type EntryDraft } from '../ledger/domain.js'

export type CashDirection = 'credit' | 'debit'

export type CashEntry = {
  entryId: string
  walletId: string
  bankId: string
  amountMinor: bigint
  direction: CashDirection
  actor: string
}

/** Cash paid in raises what the bank holds and what the house owes the wallet's owner; cash paid out lowers both. */
export const cashEntry = ({ entryId, walletId, bankId, amountMinor, direction, actor }: CashEntry): EntryDraft => ({
  entryId,
  kind: direction === 'credit' ? 'credit' : 'debit',
  actor,
  postings:
    direction === 'credit'
      ? [debit(bankId, amountMinor), credit(walletId, amountMinor)]
      : [debit(walletId, amountMinor), credit(bankId, amountMinor)],
})
