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
import { inBatches, shareOf } from '../reports/sums.js'
import { addTo, noRisk, standingsOn, type LoanStanding, type Risk } from './domain.js'
import { findStates, paidOut } from './store.js'

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
    const [all, vintages] = [noRisk(), new Map<string, Risk>()]
    for await (const standing of standingsFor(context)) {
      const vintage = (standing.loan.activatedOn ?? standing.state.on).slice(0, 7)
      const risk = vintages.get(vintage) ?? noRisk()
      vintages.set(vintage, risk)
      addTo(all, standing)
      addTo(risk, standing)
    }
    const { lateMinor } = all
    const figures = {
      ...{ on: dayOf(context), loans: all.running, principal: all.principalMinor, late_loans: all.late },
      ...{ par30_amount: lateMinor[30], par60_amount: lateMinor[60], par90_amount: lateMinor[90] },
      ...sharesOf(all),
    }
    const inOrder = [...vintages].sort(([one], [other]) => (one < other ? -1 : 1))
    return { figures, rows: inOrder.map(([vintage, risk]) => ({ vintage, ...vintageOf(risk) })) }
  },
  chart: async (_, context) => {
    const all = noRisk()
    for await (const standing of standingsFor(context)) addTo(all, standing)
    const { principalMinor, lateMinor: late } = all
    const values = [principalMinor - late[0], late[0] - late[30], late[30] - late[60], late[60] - late[90], late[90]]
    return {
      ...{ title: 'Principal by days late', unit: context.currency, kind: 'bars' },
      labels: ['On time', '1 to 30', '31 to 60', '61 to 90', 'Over 90'],
      series: [{ name: 'Principal outstanding', values: values.map((value) => toWireAmount(value, context.currency)) }],
    }
  },
}

const dayOf = ({ to, today }: ReportContext): string => to ?? today

/** Where each loan stood; of a few loans at once. */
async function* standingsFor(context: ReportContext): AsyncGenerator<LoanStanding> {
  const { reads, currency, from } = context
  const asked = { currency, ...(from !== undefined && { activatedOn: { $gte: from } }) }
  const on = dayOf(context)
  for await (const loans of inBatches(reads.stream(paidOut, asked, { sort: { _id: 1 } })))
    yield* standingsOn(loans, await findStates(reads, loans, on), on)
}

const sharesOf = ({ principalMinor, lateMinor }: Risk) => ({
  ...{ par30: shareOf(lateMinor[30], principalMinor), par60: shareOf(lateMinor[60], principalMinor) },
  par90: shareOf(lateMinor[90], principalMinor),
})

const vintageOf = (risk: Risk) => ({
  ...{ loans: risk.loans, paid_out: risk.paidOutMinor, running: risk.running, principal: risk.principalMinor },
  ...{ ...sharesOf(risk), closed: risk.closed, written_off: risk.writtenOff },
})

export const lendingReports: readonly Report[] = [delinquency]
