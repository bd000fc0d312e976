import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { startChild, type Child } from '../kit/child.js'
import { readJson, root } from '../kit/files.js'
import type { Servers } from '../servers/types.js'
import { ofJest, type JestReport, type Tally } from './tally.js'

export type JestRun = { projects: string[]; extra: string[]; servers: Servers; folder: string; signal: AbortSignal }

/** Runs jest over some projects against the servers, its output on this terminal, and counts what came of it. */
export const runJest = async ({ projects, extra, servers, folder, signal }: JestRun): Promise<Tally> => {
  const file = join(folder, `jest-${projects.join('-')}.json`)
  const child = await startChild({
    command: process.execPath,
    parameters: [
      ...['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
      ...[join(root, 'node_modules/jest/bin/jest.js'), '--selectProjects', ...projects],
      ...['--json', '--outputFile', file, '--cacheDirectory', join(root, 'node_modules/.cache/jest')],
      ...['--passWithNoTests', ...extra],
    ],
    // What tests put into the temporary folder goes with the folder of this run, even when they are interrupted.
    environment: { ...process.env, NODE_ENV: 'test', TMPDIR: folder, ...addresses(servers) },
    ...{ directory: root, stdio: ['ignore', 'ignore', 'inherit'], marker: file, orphanSeconds: 0, stopGroup: true },
  })
  await ends(child, file, signal)
  return ofJest(readJson<JestReport>(file))
}

const lingerMs = 10_000

// A test that leaves something open would keep jest alive for ever after its report.
const ends = async (child: Child, file: string, signal: AbortSignal): Promise<void> => {
  const look = setInterval(() => {
    if (!existsSync(file) || Date.now() - statSync(file).mtimeMs < lingerMs) return
    console.log('jest has reported and does not end: a test left something open; ending it')
    void child.kill()
  }, 1_000)
  const stop = () => void child.stop(5_000)
  signal.addEventListener('abort', stop)
  await child.exited
  signal.removeEventListener('abort', stop)
  clearInterval(look)
  signal.throwIfAborted()
}

const addresses = ({ mongodbUri, rabbitmqUrl, rabbitmqAdminUrl, redisUrl }: Servers) => ({
  MONGODB_URI: mongodbUri,
  RABBITMQ_URL: rabbitmqUrl,
  RABBITMQ_ADMIN_URL: rabbitmqAdminUrl,
  REDIS_URL: redisUrl,
})
