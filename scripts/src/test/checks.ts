import { join } from 'node:path'
import { runCommand } from '../kit/command.js'
import { root } from '../kit/files.js'
import { secondsSince } from '../kit/progress.js'

type Check = { name: string; parameters: string[] }
type Say = (line: string) => void

const types = { name: 'types', parameters: ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'] }
const lint = { name: 'lint', parameters: ['node_modules/eslint/bin/eslint.js', '.'] }
const format = { name: 'format', parameters: ['node_modules/prettier/bin/prettier.cjs', '--check', '.'] }

// Two at a time, for two cores; lint takes about as long as the others together.
const lanes: Check[][] = [[lint], [types, format]]

/** Types, lint and format; what a check finds is shown when it fails. */
export const runChecks = async (say: Say, signal: AbortSignal): Promise<boolean[]> => {
  const runLane = async (checks: Check[]) => {
    const results: boolean[] = []
    for (const check of checks) results.push(await run(check, say, signal))
    return results
  }
  return (await Promise.all(lanes.map(runLane))).flat()
}

const run = async ({ name, parameters }: Check, say: Say, signal: AbortSignal): Promise<boolean> => {
  const startedAtMs = Date.now()
  const [script = '', ...rest] = parameters
  const { ok, output } = await runCommand(process.execPath, [join(root, script), ...rest], { directory: root, signal })
  signal.throwIfAborted()
  say(`${name}: ${ok ? 'ok' : 'FAILED'} in ${secondsSince(startedAtMs)} s`)
  if (!ok) console.log(output)
  return ok
}
