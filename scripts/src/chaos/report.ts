import { cpus, loadavg, totalmem } from 'node:os'
import type { Outcome } from './run.js'

/** What went wrong, as sentences; none when all is well. */
export const complaintsOf = ({ recoveries, tallies, checks }: Outcome): string[] => [
  ...recoveries.flatMap((one) => ('why' in one ? [`${one.fault}: not recovered: ${one.why}`] : [])),
  ...tallies.flatMap(({ kind, lost, duplicated, unexpected }) =>
    Object.entries({ lost, duplicated, unexpected })
      .filter(([, markers]) => markers.length > 0)
      .map(([what, markers]) => `${kind}: ${what} ${markers.join(', ')}`),
  ),
  ...checks.flatMap(({ name, problems }) => problems.map((problem) => `${name}: ${problem}`)),
]

const seconds = (ms: number): string => (Number.isFinite(ms) ? (ms / 1000).toFixed(1) : 'never')
const row = (...cells: (string | number)[]): string => `| ${cells.join(' | ')} |`

export type Setting = { seed: number; clients: number; rounds: number; at: Date; servers: string }

/** A run as a page for people. */
export const toPage = (outcome: Outcome, { seed, clients, rounds, at, servers }: Setting): string => {
  const complaints = complaintsOf(outcome)
  const machine = `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`
  return [
    '# Chaos',
    '',
    `Written by \`npm run chaos -- --seed ${seed} --clients ${clients} --rounds ${rounds}\` on ${at.toISOString().slice(0, 10)}, in ${Math.round(outcome.seconds)} s, on ${machine}; ${servers}.`,
    `All six services, the three servers and the clients shared this machine, with whatever else ran: its load was ${Math.round(loadavg()[1] ?? 0)} at the end.`,
    '',
    complaints.length === 0
      ? '**Nothing lost, nothing twice, everything recovered.**'
      : ['**What went wrong:**', '', ...complaints.map((one) => `- ${one}`)].join('\n'),
    '',
    '## Requests',
    '',
    'Clients repeat what is not answered, under the same key; a tenth of them give up at the first failure. _Repeated_ had to be',
    'sent more than once, _recovered_ took effect though the client had given up.',
    '',
    row('Kind', 'attempt', 'acknowledged', 'repeated', 'refused', 'lost', 'duplicated', 'unexpected', 'recovered'),
    row('---', ...Array<string>(8).fill('--:')),
    ...outcome.tallies.map((tally) =>
      row(
        ...[tally.kind, tally.attempt, tally.acknowledged, tally.repeated, tally.refused],
        ...[tally.lost.length, tally.duplicated.length, tally.unexpected.length, tally.recovered],
      ),
    ),
    '',
    ...(outcome.refusals.size > 0
      ? [`Refused: ${[...outcome.refusals].map(([name, count]) => `${name} ${count}`).join(', ')}.`, '']
      : []),
    '## Recovery',
    '',
    'From the stroke until one way through every service succeeds again: a login, a look at the items, a loan applied for,',
    `approved and paid out by event, and a report that has it. While all is well that way takes ${'why' in outcome.calm ? 'for ever' : `${seconds(outcome.calm.afterMs)} s`}.`,
    '',
    row('Fault', 'times', 'fastest, s', 'slowest, s'),
    row('---', '--:', '--:', '--:'),
    ...recoveryRows(outcome),
    '',
    '## What must hold',
    '',
    ...outcome.checks.map(({ name, problems }) => `- ${problems.length === 0 ? '✓' : '✗'} ${name}`),
    '',
  ].join('\n')
}

const recoveryRows = ({ recoveries }: Outcome): string[] =>
  [...new Set(recoveries.map(({ fault }) => fault))].map((fault) => {
    const times = recoveries
      .filter((one) => one.fault === fault)
      .map((one) => ('why' in one ? Infinity : one.recoveredMs))
    return row(fault, times.length, seconds(Math.min(...times)), seconds(Math.max(...times)))
  })
