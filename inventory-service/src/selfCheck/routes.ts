import { endpoint } from '@countinghouse/shared/http/endpoint'
import { z } from 'zod'
import { checkStock, type Deps } from './commands.js'

const CheckView = z.object({
  ok: z.boolean(),
  items: z.number(),
  series: z.number(),
  unsettled: z.number().meta({ description: 'Items that changed all the time while they were looked at' }),
  problem_count: z.number(),
  problems: z.array(z.object({ about: z.string(), what: z.string(), stored: z.string(), derived: z.string() })),
})

const example = { view: { ok: true, items: 48, series: 12, unsettled: 0, problem_count: 0, problems: [] } }

export const checkEndpoints = (deps: Deps) => [
  endpoint({
    ...{ method: 'get', path: '/stocks/check', tag: 'Stock', access: ['admin'] as const, view: CheckView, example },
    summary: 'Compare all stock with its moves, layers, reservations and numbers',
    handle: async () => {
      const { problemCount, ...checked } = await checkStock(deps)
      return { ok: problemCount === 0, problem_count: problemCount, ...checked }
    },
  }),
]
