import type { HouseAccount } from '@countinghouse/shared/contracts/books'

/** The accounts that a loan touches; `wallet` is the borrower's. */
export type BookAccount =
  | 'wallet'
  | Extract<
      HouseAccount,
      | 'loans_receivable'
      | 'interest_receivable'
      | 'fees_receivable'
      | 'penalties_receivable'
      | 'customer_credit_balances'
      | 'interest_suspense'
      | 'interest_income'
      | 'fee_income'
      | 'penalty_income'
      | 'recovery_income'
      | 'waivers'
      | 'loan_write_offs'
    >

/** What each account holds of one loan, debits above zero and credits below; together always zero. */
export type Balances = Record<BookAccount, bigint>

export type BookLine = { account: BookAccount; side: 'debit' | 'credit'; amountMinor: bigint }

export const NO_BALANCES: Readonly<Balances> = {
  wallet: 0n,
  loans_receivable: 0n,
  interest_receivable: 0n,
  fees_receivable: 0n,
  penalties_receivable: 0n,
  customer_credit_balances: 0n,
  interest_suspense: 0n,
  interest_income: 0n,
  fee_income: 0n,
  penalty_income: 0n,
  recovery_income: 0n,
  waivers: 0n,
  loan_write_offs: 0n,
}

export const BOOK_ACCOUNTS = Object.keys(NO_BALANCES) as BookAccount[]

/** The balanced lines that lead from what the books show to what they must show; none when they agree. */
export const entryBetween = (posted: Readonly<Balances>, due: Readonly<Balances>): BookLine[] =>
  BOOK_ACCOUNTS.flatMap((account): BookLine[] => {
    const change = due[account] - posted[account]
    if (change === 0n) return []
    return [
      change > 0n ? { account, side: 'debit', amountMinor: change } : { account, side: 'credit', amountMinor: -change },
    ]
  })
