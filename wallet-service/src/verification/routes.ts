import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Streamed } from '@countinghouse/shared/http/stream'
import { z } from 'zod'
import { refuse } from '../errors.js'
import { verify, type Deps, type Progress, type Result, type Since } from './commands.js'
import type { Problem } from './domain.js'

const ProblemView = z.object({
  code: z.string(),
  message: z.string(),
  height: z.number().optional(),
  entry_id: z.string().optional(),
  account_id: z.string().optional(),
})
const ResultView = z.object({
  ok: z.boolean(),
  problems: z.array(ProblemView),
  problem_count: z.number().int(),
  since_block: z.number().int(),
  blocks: z.number().int(),
  entries: z.number().int(),
  head: z.string(),
  took_ms: z.number(),
})

const example = {
  ok: true,
  problems: [],
  problem_count: 0,
  since_block: 0,
  blocks: 120,
  entries: 460,
  head: '9f3c…',
  took_ms: 84,
}

export const verificationEndpoints = (deps: Deps) => {
  let running = false
  return [
    endpoint({
      method: 'get',
      path: '/ledger/verify',
      summary: 'Verify the books; one line of JSON for each step, the last with the result',
      tag: 'Ledger',
      access: ['admin'],
      query: z.object({
        since: z.enum(['beginning', 'last']).default('beginning').meta({
          description: 'From the first block on, or what came since the last verification that found all in order',
        }),
      }),
      view: ResultView,
      streams: ['application/x-ndjson'],
      refusals: ['verification_running'],
      example: { view: example },
      handle: async ({ query: { since } }) => {
        // One at a time: it reads the whole journal, and a second one would find the same.
        if (running) throw refuse('verification_running')
        return new Streamed(
          'application/x-ndjson',
          linesOf(deps, since, (is) => (running = is)),
        )
      },
    }),
  ]
}

// A caller who leaves before the first line leaves a generator that never ran, so it is this that says it runs.
async function* linesOf(deps: Deps, since: Since, setRunning: (is: boolean) => void): AsyncGenerator<string> {
  setRunning(true)
  try {
    const run = verify(deps, since)
    let step = await run.next()
    for (; !step.done; step = await run.next()) yield line(toProgressLine(step.value))
    yield line(ResultView.parse(toResultLine(step.value)))
  } finally {
    setRunning(false)
  }
}

const line = (value: object): string => `${JSON.stringify(value)}\n`

const toProgressLine = ({ checkedBlocks, checkedEntries, of }: Progress) => ({
  checked_blocks: checkedBlocks,
  checked_entries: checkedEntries,
  of,
})

const toResultLine = ({ ok, since, problems, problemCount, blocks, entries, head, startedAt, finishedAt }: Result) => ({
  ...{ ok, blocks, entries, head },
  problems: problems.map(toProblemView),
  problem_count: problemCount,
  since_block: since,
  took_ms: finishedAt.getTime() - startedAt.getTime(),
})

const toProblemView = ({ entryId, accountId, ...problem }: Problem) => ({
  ...problem,
  entry_id: entryId,
  account_id: accountId,
})
