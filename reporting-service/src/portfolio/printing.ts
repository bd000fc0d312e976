import { LOAN_STATUSES } from '@countinghouse/shared/contracts/loan'
import type { Row } from '@countinghouse/shared/documents/table'
import type { Chart } from '../charts/chart.js'
import { count, money, text } from '../reports/definition.js'
import type { LoanGroup, Portfolio } from './domain.js'

const score = (tenThousandths: bigint, loans = 1): number => Math.round(Number(tenThousandths) / loans) / 10_000

/** The portfolio as a table: one row for each status and currency. */
export const portfolioTable = {
  ...{ name: 'portfolio', title: 'Loan portfolio' },
  figures: [
    ...[count('total', 'Loans'), count('pending', 'Pending'), count('approved', 'Approved')],
    ...[count('rejected', 'Rejected'), count('avg_risk_score', 'Average risk score'), money('sum_amount', 'Amount')],
  ],
  columns: [
    ...[text('status', 'Status'), text('currency', 'Currency'), count('loans', 'Loans')],
    ...[money('amount', 'Amount'), count('avg_risk_score', 'Average risk score')],
  ],
}

export const figuresOf = (
  { total, byStatus, averageRiskTenThousandths, byCurrency }: Portfolio,
  currency: string,
): Row => ({
  // prettier-ignore
  ...{ total, pending: byStatus.PENDING, approved: byStatus.APPROVED, rejected: byStatus.REJECTED },
  ...{ avg_risk_score: score(averageRiskTenThousandths), sum_amount: byCurrency[currency]?.amountMinor ?? 0n },
})

export const rowOf = ({ status, currency, loans, amountMinor, riskTenThousandths }: LoanGroup): Row => ({
  ...{ status, currency, loans, amount: amountMinor, avg_risk_score: score(riskTenThousandths, loans) },
})

export const portfolioChart = ({ byLifecycle }: Portfolio): Chart => ({
  ...{ title: 'Loans by where they are in their life', unit: 'loans', kind: 'bars' },
  labels: LOAN_STATUSES.map((status) => status.toLowerCase().replaceAll('_', ' ')),
  series: [{ name: 'Loans', values: LOAN_STATUSES.map((status) => byLifecycle[status]) }],
})
