import { toWireAmount } from '@countinghouse/shared/money'
import {
  BUSINESS_READERS,
  count,
  day,
  money,
  share,
  text,
  type Report,
  type ReportContext,
} from '../reports/definition.js'
import { groupBy, shareOf, totalOf } from '../reports/sums.js'
import { riskOf, standingsOn, type LoanStanding } from './domain.js'
import { loanStates, paidOut } from './store.js'

const delinquency: Report = {
  name: 'loans/delinquency',
  title: 'Loans at risk',
  summary:
    'Principal at risk (PAR 30, 60, 90) on the last day asked for, today by default, and by month of payout (vintage)',
  access: BUSINESS_READERS,
  cached: true,
  figures: [
    ...[day('on', 'On'), count('loans', 'Running loans'), money('principal', 'Principal outstanding')],
    ...[
      money('par30_amount', 'Late by more than 30 days'),
      money('par60_amount', 'More than 60 days'),
      money('par90_amount', 'More than 90 days'),
    ],
    ...[share('par30', 'PAR30'), share('par60', 'PAR60'), share('par90', 'PAR90'), count('late_loans', 'Late loans')],
  ],
  columns: [
    ...[
      text('vintage', 'Paid out in'),
      count('loans', 'Loans'),
      money('paid_out', 'Paid out'),
      count('running', 'Running'),
    ],
    ...[
      money('principal', 'Principal outstanding'),
      share('par30', 'PAR30'),
      share('par60', 'PAR60'),
      share('par90', 'PAR90'),
    ],
    ...[count('closed', 'Closed'), count('written_off', 'Written off')],
  ],
  example: {
    figures: { on: '2026-11-21', loans: 6, principal: 180000, par30_amount: 9000, par60_amount: 0, par90_amount: 0, par30: 0.05, par60: 0, par90: 0, late_loans: 1 }, // prettier-ignore
    row: { vintage: '2026-10', loans: 6, paid_out: 200000, running: 6, principal: 180000, par30: 0.05, par60: 0, par90: 0, closed: 0, written_off: 0 }, // prettier-ignore
  },
  compute: async (context) => {
    const [on, standings] = await standingsFor(context)
    const { loans, principalMinor, lateMinor } = riskOf(standings)
    const vintages = [...groupBy(standings, ({ loan, state }) => (loan.activatedOn ?? state.on).slice(0, 7))].sort(
      ([one], [other]) => (one < other ? -1 : 1),
    )
    const figures = {
      ...{ on, loans, principal: principalMinor, late_loans: standings.filter(({ daysLate }) => daysLate > 0).length },
      ...{ par30_amount: lateMinor[30], par60_amount: lateMinor[60], par90_amount: lateMinor[90] },
      ...sharesOf(standings),
    }
    return { figures, rows: vintages.map(([vintage, group]) => ({ vintage, ...vintageOf(group) })) }
  },
  chart: async (_, context) => {
    const [, standings] = await standingsFor(context)
    const running = standings.filter(({ state }) => state.status === 'ACTIVE')
    const spans = [[0, 0], [1, 30], [31, 60], [61, 90], [91, Infinity]] as const // prettier-ignore
    const values = spans.map(
      ([from, to]) =>
      totalOf(running.filter(({ daysLate }) => daysLate >= from && daysLate <= to), ({ state }) => BigInt(state.principalMinor)), // prettier-ignore
    )
    return {
      ...{ title: 'Principal by days late', unit: context.currency, kind: 'bars' },
      labels: ['On time', '1 to 30', '31 to 60', '61 to 90', 'Over 90'],
      series: [{ name: 'Principal outstanding', values: values.map((value) => toWireAmount(value, context.currency)) }],
    }
  },
}

const standingsFor = async ({ reads, to, today, currency, from }: ReportContext): Promise<[string, LoanStanding[]]> => {
  const on = to ?? today
  const loans = await reads.find(paidOut, { currency, ...(from !== undefined && { activatedOn: { $gte: from } }) })
  return [on, standingsOn(loans, await reads.find(loanStates, { on: { $lte: on } }), on)]
}

const sharesOf = (standings: readonly LoanStanding[]) => {
  const { principalMinor, lateMinor } = riskOf(standings)
  return {
    ...{ par30: shareOf(lateMinor[30], principalMinor), par60: shareOf(lateMinor[60], principalMinor) },
    par90: shareOf(lateMinor[90], principalMinor),
  }
}

const vintageOf = (group: readonly LoanStanding[]) => {
  const { loans: running, principalMinor: principal } = riskOf(group)
  const inStatus = (status: string) => group.filter(({ state }) => state.status === status).length
  return {
    ...{ loans: group.length, paid_out: totalOf(group, ({ loan }) => BigInt(loan.amountMinor)), running, principal },
    ...{ ...sharesOf(group), closed: inStatus('CLOSED'), written_off: inStatus('WRITTEN_OFF') },
  }
}

export const lendingReports: readonly Report[] = [delinquency]
