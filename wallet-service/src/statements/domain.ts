import type { Entry, Posting, Side } from '../ledger/domain.js'

/** One movement on one wallet: a posting, with the entry it belongs to. */
export type Movement = {
  entry: Entry & { height: number; index: number }
  /** Which posting of the entry it is: an entry may touch a wallet more than once. */
  number: number
  posting: Posting
}

/** A wallet is what the house owes its owner: a credit is money in, a debit money out. */
const isIn = ({ side }: { side: Side }): boolean => side === 'credit'

export type StatementTotals = { inMinor: bigint; outMinor: bigint }

export const totalsOf = (movements: readonly Movement[]): StatementTotals => {
  const sum = (wanted: boolean) =>
    movements.reduce((total, { posting }) => (isIn(posting) === wanted ? total + posting.amountMinor : total), 0n)
  return { inMinor: sum(true), outMinor: sum(false) }
}
