import { endpoint } from '@countinghouse/shared/http/endpoint'
import { WireAmount } from '@countinghouse/shared/http/fields'
import { Streamed } from '@countinghouse/shared/http/stream'
import { toWireAmount } from '@countinghouse/shared/money'
import { z } from 'zod'
import { reconcile, reconciled, type Deps, type Reconciliation } from './commands.js'

const ReconciliationView = z.object({
  ok: z.boolean(),
  accounts: z.number().int(),
  holds: z.number().int(),
  answers: z.number().int(),
  control_totals: z.array(z.object({ currency: z.string(), wallets: WireAmount, house: WireAmount })),
  problems: z.array(z.object({ code: z.string(), message: z.string(), id: z.string() })),
  problem_count: z.number().int(),
})

const example = {
  ...{ ok: true, accounts: 42, holds: 3, answers: 120, problems: [], problem_count: 0 },
  control_totals: [{ currency: 'USD', wallets: 25000, house: 25000 }],
}

export const reconciliationEndpoints = (deps: Deps) => [
  endpoint({
    method: 'post',
    path: '/ledger/reconcile',
    summary: 'Derive balances, holds and answers from the journal again, and compare',
    tag: 'Ledger',
    access: ['admin'],
    query: z.object({
      progress: z
        .enum(['true', 'false'])
        .optional()
        .meta({ description: 'A line of JSON for each step, the last with the result' }),
    }),
    view: ReconciliationView,
    streams: ['application/x-ndjson'],
    refusals: ['reconciliation_running'],
    example: { view: example },
    handle: async ({ query: { progress } }) =>
      progress === 'true' ? new Streamed('application/x-ndjson', linesOf(deps)) : toView(await reconciled(deps)),
  }),
]

async function* linesOf(deps: Deps): AsyncGenerator<string> {
  const run = reconcile(deps)
  let step = await run.next()
  for (; !step.done; step = await run.next())
    yield line({ reconciled_blocks: step.value.reconciledBlocks, of: step.value.of })
  yield line(ReconciliationView.parse(toView(step.value)))
}

const line = (value: object): string => `${JSON.stringify(value)}\n`

const toView = ({ accounts, holds, answers, sums, differences, differenceCount }: Reconciliation) => ({
  ok: differenceCount === 0,
  ...{ accounts, holds, answers },
  control_totals: sums.map(({ currency, walletsMinor, houseMinor }) => ({
    currency,
    wallets: toWireAmount(walletsMinor, currency),
    house: toWireAmount(houseMinor, currency),
  })),
  problems: differences,
  problem_count: differenceCount,
})
