import { endpoint } from '@countinghouse/shared/http/endpoint'
import { WireAmount } from '@countinghouse/shared/http/fields'
import { toWireAmount } from '@countinghouse/shared/money'
import { z } from 'zod'
import { reconcile, type Deps, type Reconciliation } from './commands.js'

const PROBLEMS_MAX = 100

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
    view: ReconciliationView,
    example: { view: example },
    handle: async () => toView(await reconcile(deps)),
  }),
]

const toView = ({ accounts, holds, answers, sums, differences }: Reconciliation) => ({
  ok: differences.length === 0,
  ...{ accounts, holds, answers },
  control_totals: sums.map(({ currency, walletsMinor, houseMinor }) => ({
    currency,
    wallets: toWireAmount(walletsMinor, currency),
    house: toWireAmount(houseMinor, currency),
  })),
  problems: differences.slice(0, PROBLEMS_MAX),
  problem_count: differences.length,
})
