import type { LoanDecision, LoanStatus } from '@countinghouse/shared/contracts/loan'
import { divideRounded } from '@countinghouse/shared/money'

/** What was asked for when the loan was applied for. */
export type Application = {
  customerId: string
  amountMinor: bigint
  currency: string
  riskTenThousandths: number
  appliedAt: Date
}

/** One loan as far as its events tell; while its application is not among them it is known only in part. */
export type PortfolioLoan = {
  _id: string
  status: LoanStatus
  /** How many steps of its life after the payout are known; 0 before. */
  sequence: number
  lastEventAt: Date
} & { [Field in keyof Application]: Application[Field] | null }

/** What one event says about a loan; from its payout on, the events are numbered. */
export type LoanNews = { loanId: string; status: LoanStatus; at: Date; sequence?: number; application?: Application }

const UNKNOWN = { customerId: null, amountMinor: null, currency: null, riskTenThousandths: null, appliedAt: null }

/** Adds what an event says. Neither the order of the events nor a repetition makes a difference to the outcome. */
export const learn = (
  loan: PortfolioLoan | undefined,
  { loanId, status, at, sequence = 0, application }: LoanNews,
): PortfolioLoan => {
  const known = loan ?? { _id: loanId, status, sequence, lastEventAt: at, ...UNKNOWN }
  return {
    ...known,
    ...application,
    ...(isLater({ status, sequence }, known) && { status, sequence }),
    lastEventAt: at > known.lastEventAt ? at : known.lastEventAt,
  }
}

type Step = Pick<PortfolioLoan, 'status' | 'sequence'>

// A loan that is paid out may be closed and opened again, so the numbers of its events decide; before, only its stage grows.
const isLater = (one: Step, other: Step): boolean =>
  one.sequence === other.sequence ? STAGES[one.status] > STAGES[other.status] : one.sequence > other.sequence

// Until it is paid out, a loan only moves to a higher stage, so news of a lower one is old.
const STAGES: Record<LoanStatus, number> = {
  APPLIED: 0,
  REJECTED: 1,
  APPROVED: 1,
  WITHDRAWN: 2,
  ACTIVE: 2,
  CLOSED: 3,
  WRITTEN_OFF: 3,
}

/** A score of four decimals as a whole number, so that sums are exact. */
export const toTenThousandths = (score: number): number => Math.round(score * 10_000)

/** The loans of one status and one currency together. */
export type LoanGroup = {
  status: LoanStatus
  currency: string
  loans: number
  amountMinor: bigint
  riskTenThousandths: bigint
}

export type Portfolio = {
  total: number
  byStatus: Record<LoanDecision, number>
  byLifecycle: Record<LoanStatus, number>
  averageRiskTenThousandths: bigint
  byCurrency: Record<string, { loans: number; amountMinor: bigint }>
}

export const summarise = (groups: readonly LoanGroup[]): Portfolio => {
  const portfolio: Portfolio = {
    total: 0,
    byStatus: { PENDING: 0, APPROVED: 0, REJECTED: 0 },
    byLifecycle: { APPLIED: 0, APPROVED: 0, ACTIVE: 0, CLOSED: 0, REJECTED: 0, WITHDRAWN: 0, WRITTEN_OFF: 0 },
    averageRiskTenThousandths: 0n,
    byCurrency: {},
  }
  let riskTenThousandths = 0n
  for (const group of groups) {
    const { status, currency, loans, amountMinor } = group
    portfolio.total += loans
    portfolio.byStatus[toDecision(status)] += loans
    portfolio.byLifecycle[status] += loans
    const others = portfolio.byCurrency[currency] ?? { loans: 0, amountMinor: 0n }
    portfolio.byCurrency[currency] = { loans: others.loans + loans, amountMinor: others.amountMinor + amountMinor }
    riskTenThousandths += group.riskTenThousandths
  }
  if (portfolio.total > 0)
    portfolio.averageRiskTenThousandths = divideRounded(riskTenThousandths, BigInt(portfolio.total), 'half_even')
  return portfolio
}

/** The underwriting outcome, in which a withdrawn loan counts as rejected, so that the three add up to all. */
const toDecision = (status: LoanStatus): LoanDecision => {
  switch (status) {
    case 'APPLIED':
      return 'PENDING'
    case 'APPROVED':
    case 'ACTIVE':
    case 'CLOSED':
    case 'WRITTEN_OFF':
      return 'APPROVED'
    case 'REJECTED':
    case 'WITHDRAWN':
      return 'REJECTED'
  }
}
