import { refuse } from '../errors.js'
import type { LoanState } from '../engine/state.js'
import { daysAfter } from '../loans/domain/lapse.js'
import type { Loan, Vote } from '../loans/domain/loan.js'

export type WriteOffRules = { dualControlAboveMinor: bigint; offerDays: number }

/** Who has approved giving this much up, and how many have to. */
export type Approvals = { votes: Vote[]; needed: number }

/** The approvals with one more; refuses the same person twice. An approval is good for so many days. */
export const approveWriteOff = (
  { _id, writeOffVotes = [] }: Loan,
  { outstandingMinor }: Pick<LoanState, 'outstandingMinor'>,
  vote: Vote,
  { dualControlAboveMinor, offerDays }: WriteOffRules,
): Approvals => {
  const standing = writeOffVotes.filter(({ at }) => daysAfter(at, offerDays) > vote.at)
  if (standing.some(({ by }) => by === vote.by)) throw refuse('already_approved', { loan_id: _id })
  return { votes: [...standing, vote], needed: outstandingMinor > dualControlAboveMinor ? 2 : 1 }
}
