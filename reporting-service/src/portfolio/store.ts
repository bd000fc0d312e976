import { LOAN_STATUSES } from '@countinghouse/shared/contracts/loan'
import { defineCollection } from '@countinghouse/shared/mongo/collection'
import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
import type { LoanGroup, PortfolioLoan } from './domain.js'

export const portfolioLoans = defineCollection<PortfolioLoan>(
  'portfolio_loans',
  {
    status: { type: String, enum: LOAN_STATUSES, required: true },
    sequence: { type: Number, required: true },
    lastEventAt: { type: Date, required: true },
    customerId: String,
    amountMinor: BigInt,
    currency: String,
    riskTenThousandths: Number,
    appliedAt: Date,
  },
  { indexes: [{ fields: { appliedAt: 1 } }, { fields: { lastEventAt: -1 } }] },
)

export const findLoan = (reads: Reads, id: string) => reads.findOne(portfolioLoans, { _id: id })

export const saveLoan = (tx: Tx, loan: PortfolioLoan): Promise<void> => tx.replace(portfolioLoans, loan)

/** The time of the newest event about any loan. */
export const findNewestEventAt = async (reads: Reads): Promise<Date | undefined> => {
  const [newest] = await reads.find(portfolioLoans, {}, { sort: { lastEventAt: -1 }, limit: 1 })
  return newest?.lastEventAt
}

/** The loans that were applied for in a period, by status and currency; without their application they are in none. */
export const groupLoans = async (reads: Reads, period: { from?: Date; before?: Date }): Promise<LoanGroup[]> => {
  const { from = new Date(0), before } = period
  const rows = await reads.aggregate<GroupRow>(portfolioLoans, [
    { $match: { appliedAt: { $gte: from, ...(before && { $lt: before }) } } },
    {
      $group: {
        _id: { status: '$status', currency: '$currency' },
        loans: { $sum: 1 },
        // A sum of 64-bit integers would become a rounded double when it outgrows them.
        amountMinor: { $sum: { $toDecimal: '$amountMinor' } },
        riskTenThousandths: { $sum: '$riskTenThousandths' },
      },
    },
    { $sort: { _id: 1 } },
  ])
  return rows.map(({ _id, loans, amountMinor, riskTenThousandths }) => ({
    ..._id,
    loans,
    amountMinor: BigInt(amountMinor.toString()),
    riskTenThousandths: BigInt(riskTenThousandths),
  }))
}

type GroupRow = Pick<LoanGroup, 'loans'> & {
  _id: Pick<LoanGroup, 'status' | 'currency'>
  amountMinor: { toString(): string }
  riskTenThousandths: number | bigint
}
