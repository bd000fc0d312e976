import { bookEntryDue } from '@countinghouse/shared/contracts/books'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { announced } from '@countinghouse/shared/testing/events'
import { fold } from '../engine/fold.js'
import { toTerms } from '../loans/domain/terms.js'
import { loans } from '../loans/store/collection.js'
import { findEvents } from '../loans/store/events.js'
import { movements } from '../movements/store.js'
import type { LoanHouse } from './house.js'

type Totals = Record<string, bigint>

/** What the books hold of a loan, what the loan remembers of them, and what its events come to on its last day. */
export const booksOf = async (house: LoanHouse, loanId: string) => {
  const reads = readsOn(house.db)
  const loan = await reads.findOne(loans, { _id: loanId })
  if (!loan) throw new Error(`no loan ${loanId}`)
  const asOf = loan.summary?.asOf ?? loan.updatedAt.toISOString().slice(0, 10)
  const today = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Kolkata', dateStyle: 'short' }).format(new Date())
  const state = fold(toTerms(loan), await findEvents(reads, loanId), today > asOf ? today : asOf)
  return {
    posted: withoutZeros(await postedFor(house, loanId)),
    booked: withoutZeros({ ...loan.booked }),
    folded: withoutZeros({ ...state.balances }),
  }
}

const postedFor = async ({ db, wallets }: LoanHouse, loanId: string): Promise<Totals> => {
  const totals: Totals = {}
  const post = (account: string, side: string, amountMinor: bigint) => {
    totals[account] = (totals[account] ?? 0n) + (side === 'debit' ? amountMinor : -amountMinor)
  }
  const reads = readsOn(db)
  const loan = await reads.findOne(loans, { _id: loanId })
  if (loan?.disbursement?.entryId) {
    post('loans_receivable', 'debit', loan.amountMinor)
    post('wallet', 'credit', loan.amountMinor)
  }
  for (const { subject, data } of await announced(db, bookEntryDue)) {
    if (subject !== loanId) continue
    for (const { account, side, amount_minor } of bookEntryDue.schema.parse(data).lines)
      post(account, side, amount_minor)
  }
  const ours = new Set((await reads.find(movements, { loanId })).map(({ _id }) => _id))
  for (const { postings } of wallets.entries.filter((entry) => ours.has(entry.reference.id))) {
    for (const { account_id: id, side, amount } of postings)
      post(id?.split(':')[1] ?? 'wallet', side, BigInt(amount.replace('.', '')))
  }
  return totals
}

const withoutZeros = (totals: Totals): Totals =>
  Object.fromEntries(Object.entries(totals).filter(([, amount]) => amount !== 0n))
