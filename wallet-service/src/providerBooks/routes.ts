import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Timestamp, WireAmount } from '@countinghouse/shared/http/fields'
import { toWireAmount } from '@countinghouse/shared/money'
import { z } from 'zod'
import { reconcile, type Deps, type Reconciliation } from './commands.js'
import { DIFFERENCES } from './domain.js'

const WEEK_MS = 7 * 24 * 3_600_000

const DifferenceView = z.object({
  code: z.enum(DIFFERENCES),
  message: z.string(),
  source_id: z.string(),
  currency: z.string(),
  provider_amount: WireAmount,
  books_amount: WireAmount,
  at: Timestamp,
})

const ReconciliationView = z.object({
  ok: z.boolean(),
  from: Timestamp,
  until: Timestamp,
  movements: z.number().int(),
  entries: z.number().int(),
  differences: z.array(DifferenceView),
})

const example = {
  ok: false,
  ...{ from: '2026-11-14T09:30:00.000Z', until: '2026-11-21T09:30:00.000Z', movements: 18, entries: 33 },
  differences: [
    {
      code: 'missing_in_books',
      message: 'The charge ch_3QxAmple is not in the books: 4825 minor units of USD at the provider, 0 in the books',
      ...{ source_id: 'ch_3QxAmple', currency: 'USD', provider_amount: 48.25, books_amount: 0 },
      at: '2026-11-20T22:10:00.000Z',
    },
  ],
}

export const providerBookEndpoints = (deps: Deps) => [
  endpoint({
    method: 'get',
    path: '/payments/reconciliation',
    summary: 'Name every difference between what the payment provider moved and what the books say',
    tag: 'Payments',
    access: ['admin'],
    query: z.object({ from: Timestamp.optional(), until: Timestamp.optional() }),
    view: ReconciliationView,
    refusals: ['dependency_unavailable'],
    example: { view: example },
    handle: async ({ query }) => {
      const until = query.until === undefined ? deps.now() : new Date(query.until)
      const from = query.from === undefined ? new Date(until.getTime() - WEEK_MS) : new Date(query.from)
      return toView(await reconcile(deps, { from, until }))
    },
  }),
]

const toView = ({
  from,
  until,
  movements,
  entries,
  differences,
}: Reconciliation): z.input<typeof ReconciliationView> => ({
  ok: differences.length === 0,
  ...{ from: from.toISOString(), until: until.toISOString(), movements, entries },
  differences: differences.map(({ code, message, sourceId, currency, providerMinor, booksMinor, at }) => ({
    ...{ code, message, source_id: sourceId, currency, at: at.toISOString() },
    provider_amount: toWireAmount(providerMinor, currency),
    books_amount: toWireAmount(booksMinor, currency),
  })),
})
