import { toTable } from '@countinghouse/scripts/generate/markdown'
import { toDemand, toPlan, type Plan } from './capacityModel.js'
import { measuredRates, type Rate } from './capacityRates.js'
import { assumptions } from './capacityAssumptions.js'
import type { Records } from './records.js'

const USERS = [100_000, 1_000_000, 10_000_000]

/** How many processes, shards and nodes so many users need, reckoned from what was measured. */
export const toCapacityPage = (records: Records): string => {
  const rates = measuredRates(records)
  const plans = USERS.map((users) => toPlan(toDemand(users), rates))
  return [
    '# Capacity',
    'Reckoned by `npm run bench` from the figures of [performance.md](performance.md) and the assumptions below; nothing of this size was run. Measured rates are of a machine of two cores that the driver and all servers share, so they err on the safe side; what they cannot show is a network between the processes and a disk that fills.',
    '## Assumed',
    toTable(
      ['', ''],
      Object.values(assumptions).map(({ what, value }) => [what, value.toString()]),
    ),
    '## Measured',
    toTable(['a second', 'measured', 'from'], Object.values(rates).map(toRateCells)),
    '## Needed',
    'Demand is that of the busiest second. A process is planned for the share of its measured rate that is assumed above; every service has two for the sake of rollouts.',
    toTable(['', ...USERS.map((users) => `${users.toLocaleString('en-GB')} users`)], toRows(plans)),
    formulas,
    limits,
  ].join('\n\n')
}

const toRateCells = ({ what, perSecond, from }: Rate): string[] => [
  ...[what, perSecond === undefined ? 'not measured' : amount(perSecond)],
  from,
]

const amount = (value: number | undefined): string =>
  value === undefined ? '–' : value.toLocaleString('en-GB', { maximumFractionDigits: value < 10 ? 2 : 0 })

const toRows = (plans: readonly Plan[]): string[][] =>
  Object.keys(plans[0] ?? {}).map((name) => [name, ...plans.map((plan) => amount(plan[name]))])

const formulas = `- demand of the busiest second = users × acts of a user a day × peak ÷ 86,400
- processes = demand ÷ (measured rate × planned share), at least two
- shards of the ledger = transfers ÷ (rate of one sequencer × planned share): a second process on one database adds nothing (see \`two processes\` there), so that a shard is a database with one writer of its own
- partitions of the projection = events ÷ (rate of one projection × planned share): the stream is read by one consumer for each
- workers = jobs ÷ (rate of one worker × planned share)
- cost = cores × price of a core + kept bytes × copies × price of a gigabyte`

const limits = `## What must be built for more than one shard

One shard of each kind is what the code has today. Where the table says more, this is to be done first: wallets are given to
ledgers by their id, and a transfer between two of them goes over a clearing account in each; the stream
of events becomes a super stream with a partition per subject, as the order per subject is all that is promised; collections
that grow with users (entries, outbox, loans, orders) are sharded by the key they are read by (their indexes are in
[generated/collections.md](generated/collections.md)). Gateway, auth, loan, inventory and the sync workers grow by processes alone.`
