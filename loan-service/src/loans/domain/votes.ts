import type { Loan } from './loan.js'

/** How many people approve a loan before it is approved. */
export const votesNeeded = ({ amountMinor }: Pick<Loan, 'amountMinor'>, dualControlAboveMinor: bigint): number =>
  amountMinor > dualControlAboveMinor ? 2 : 1
