import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { allFaults, fewFaults } from './chaos/faults.js'
import { complaintsOf, toPage } from './chaos/report.js'
import { runChaos } from './chaos/run.js'
import { startPrivateSystem } from './chaos/system.js'
import { explain } from './kit/failure.js'
import { writePages } from './kit/pages.js'
import { startProgress } from './kit/progress.js'

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    seed: { type: 'string', default: '1' },
    clients: { type: 'string', default: '12' },
    rounds: { type: 'string', default: '1' },
    /** One of each kind of fault instead of all. */
    short: { type: 'boolean', default: false },
    /** A folder for what the services say. */
    logs: { type: 'string' },
    report: { type: 'string', default: 'docs/reports/chaos.md' },
  },
})
const [seed, clients, rounds] = [Number(values.seed), Number(values.clients), Number(values.rounds)]
const { say } = startProgress()

const chaos = async (): Promise<boolean> => {
  const system = await startPrivateSystem({
    folder: mkdtempSync(join(tmpdir(), 'countinghouse-chaos-')),
    logs: values.logs,
    say,
  })
  try {
    say('the system is ready')
    const faults = values.short ? fewFaults : allFaults
    const outcome = await runChaos(system, { seed, clients, faults, rounds, calmMs: 1_000, say })
    const page = toPage(outcome, { seed, clients, rounds, at: new Date(), servers: 'MongoDB a replica set of one' })
    writePages({ [values.report]: page })
    console.log(`\n${page}`)
    return complaintsOf(outcome).length === 0
  } finally {
    await system.close()
  }
}

try {
  process.exitCode = (await chaos()) ? 0 : 1
} catch (error) {
  console.error(explain(error))
  process.exitCode = 1
}
process.exit()
