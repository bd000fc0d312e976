import { explain } from './kit/failure.js'
import { interruption, wasInterrupted } from './kit/interrupt.js'
import { startProgress, type Progress } from './kit/progress.js'
import { provisionServers } from './servers/provision.js'
import type { Servers } from './servers/types.js'
import { runChecks } from './test/checks.js'
import { removeFolder, temporaryFolder } from './test/folder.js'
import { runJest } from './test/jest.js'
import { lastLine, oneFailure, ofChecks, sum, type Tally } from './test/tally.js'

type Run = { progress: Progress; signal: AbortSignal; folder: string; extra: string[] }

// The whole-system tests start six processes each: one after another, or they starve one another.
const groups = [
  { projects: ['unit', 'int'], workers: '--maxWorkers=2' },
  { projects: ['e2e'], workers: '--runInBand' },
]

/** Everything: the checks while the servers come up, then the tests against them; the servers are stopped in any case. */
const runAll = async (run: Run): Promise<Tally> => {
  const { progress, signal, extra } = run
  const provisioning = provision(run)
  try {
    // With arguments a person is after some tests alone.
    const checks = extra.length > 0 ? [] : await runChecks(progress.say, signal)
    const servers = await provisioning
    signal.throwIfAborted()
    const tests = servers ? await runTests(run, servers) : [oneFailure]
    return sum([ofChecks(checks), ...tests])
  } finally {
    const servers = await provisioning
    await servers?.stop()
  }
}

const provision = ({ progress, signal, folder }: Run): Promise<Servers | undefined> =>
  provisionServers({ dataDir: folder, purpose: 'test', say: progress.say, signal }).catch((error: unknown) => {
    if (!wasInterrupted(error)) console.error(`\n${explain(error)}\n`)
    return undefined
  })

const runTests = async ({ progress, signal, folder, extra }: Run, servers: Servers): Promise<Tally[]> => {
  const tallies: Tally[] = []
  const ownWorkers = extra.some((argument) => /^(-i|-w|--runInBand|--maxWorkers)/.test(argument))
  for (const { projects, workers } of groups) {
    progress.say(`tests: ${projects.join(', ')}`)
    const parameters = ownWorkers ? extra : [workers, ...extra]
    tallies.push(await runJest({ projects, extra: parameters, servers, folder, signal }))
  }
  return tallies
}

const main = async (progress: Progress, signal: AbortSignal): Promise<number> => {
  const folder = await temporaryFolder()
  try {
    const tally = await runAll({ progress, signal, folder, extra: process.argv.slice(3) })
    if (tally.passed + tally.failed === 0) progress.say('no test was run')
    progress.say('done')
    console.log(lastLine(tally))
    return tally.failed === 0 && tally.passed > 0 ? 0 : 1
  } finally {
    removeFolder(folder)
  }
}

const progress = startProgress()
try {
  process.exitCode = await main(progress, interruption())
} catch (error) {
  const interrupted = wasInterrupted(error)
  console.error(`\n${interrupted ? 'interrupted' : explain(error)}`)
  if (!interrupted) console.log(lastLine(oneFailure))
  process.exitCode = interrupted ? 130 : 1
}
process.exit()
