import { toTable } from '@countinghouse/scripts/generate/markdown'
import { HEAD, toAimCells, toCells } from './measured.js'
import type { Kept, Records } from './records.js'

/** What every bench measured, as a page for people. */
export const toPerformancePage = (records: Records): string => {
  const all = Object.entries(records)
  return [
    '# Performance',
    'Written by `npm run bench all`; `npm run bench NAME -- --write` measures one part anew. The figures are kept in `performance.json`.',
    'Driver, services and the three servers share one machine, so a figure says little without its baseline: what the plain way does in the same run, on the same machine. Ratios are what counts.',
    '## Aims',
    toTable(
      ['Bench', 'What', 'aim', 'measured', ''],
      all.flatMap(([bench, { aims }]) => aims.map((aim) => [`[${bench}](#${bench})`, ...toAimCells(aim)])),
    ),
    missedOf(all),
    ...all.flatMap(([bench, kept]) => toSection(bench, kept)),
  ].join('\n\n')
}

const missedOf = (all: [string, Kept][]): string => {
  const aims = all.flatMap(([, kept]) => kept.aims)
  const missed = aims.filter(({ met }) => !met).length
  return missed === 0 ? `All ${aims.length} aims are met.` : `**${missed} of ${aims.length} aims are missed.**`
}

const toSection = (bench: string, { title, rows, facts, failedAt, ...kept }: Kept): string[] => [
  `## ${bench}`,
  `${title}. ${kept.at.slice(0, 16).replace('T', ' ')} UTC, in ${kept.seconds} s, with ${toSizes(kept.sizes)}, on ${kept.machine}; load before it ${kept.load}.`,
  ...(failedAt === undefined
    ? []
    : [`**The run of ${failedAt.slice(0, 16)} failed; these are the figures before it.**`]),
  toTable(
    HEAD,
    rows.map((row) => toCells(rows, row)),
  ),
  Object.entries(facts)
    .map(([name, value]) => `- ${name}: ${value}`)
    .join('\n'),
]

const toSizes = (sizes: Record<string, string>): string =>
  Object.entries(sizes)
    .map(([name, value]) => `\`${name}=${value}\``)
    .join(' ')
