import { join } from 'node:path'
import { runCommand } from '../kit/command.js'
import { root } from '../kit/files.js'
import { secondsSince } from '../kit/progress.js'

const checks = [
  { name: 'types', parameters: ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'] },
  { name: 'lint', parameters: ['node_modules/eslint/bin/eslint.js', '.'] },
  { name: 'format', parameters: ['node_modules/prettier/bin/prettier.cjs', '--check', '.'] },
]

/** Types, lint and format, one after another; what a check finds is shown when it fails. */
export const runChecks = async (say: (line: string) => void, signal: AbortSignal): Promise<boolean[]> => {
  const results: boolean[] = []
  for (const { name, parameters } of checks) {
    const startedAtMs = Date.now()
    const [script = '', ...rest] = parameters
    const { ok, output } = await runCommand(process.execPath, [join(root, script), ...rest], {
      directory: root,
      signal,
    })
    signal.throwIfAborted()
    say(`${name}: ${ok ? 'ok' : 'FAILED'} in ${secondsSince(startedAtMs)} s`)
    if (!ok) console.log(output)
    results.push(ok)
  }
  return results
}
