import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
import { learn, summarise, type LoanGroup, type LoanNews, type Portfolio } from './domain.js'
import { findLoan, findNewestEventAt, groupLoans, saveLoan } from './store.js'

export const noteLoan = async (tx: Tx, news: LoanNews): Promise<void> => {
  const loan = await findLoan(tx, news.loanId)
  await saveLoan(tx, learn(loan, news))
}

export type PortfolioReport = Portfolio & { groups: LoanGroup[]; asOf: Date | undefined }

export const reportPortfolio = async (
  reads: Reads,
  period: { from?: Date; before?: Date },
): Promise<PortfolioReport> => {
  // Read first: what is projected in between makes the figures newer than the report says, never older.
  const asOf = await findNewestEventAt(reads)
  const groups = await groupLoans(reads, period)
  return { ...summarise(groups), groups, asOf }
}
