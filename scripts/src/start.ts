import { join } from 'node:path'
import { applyTopology } from '@countinghouse/shared/messaging/topology'
import { explain } from './kit/failure.js'
import { startDataDir as dataDir } from './kit/files.js'
import { stopLeftovers } from './kit/identity.js'
import { interruption, unlessAborted, wasInterrupted } from './kit/interrupt.js'
import { secondsSince, startProgress, type Progress } from './kit/progress.js'
import { provisionServers } from './servers/provision.js'
import type { Servers } from './servers/types.js'
import { claim } from './start/claim.js'
import { logsIn } from './start/logs.js'
import { assertPortsFree, portsFrom } from './start/ports.js'
import { revive } from './start/revive.js'
import { secretsIn } from './start/secrets.js'
import { summary } from './start/summary.js'
import type { ServicePorts } from './system/names.js'
import { launchSystem, type System } from './system.js'

const readyMs = 60_000
const sampleData = process.env['SAMPLE_DATA'] !== 'off'

type Run = { ports: ServicePorts; progress: Progress; interrupt: AbortSignal; claimed: ReturnType<typeof claim> }

/** The whole life of `npm start`: every part is stopped by the step that started it, in the opposite order. */
const start = async (progress: Progress, interrupt: AbortSignal): Promise<void> => {
  const ports = portsFrom(process.env['PORT'])
  const claimed = claim(dataDir)
  try {
    await stopLeftovers(join(dataDir, 'services'))
    await assertPortsFree(ports)
    await withServers({ ports, progress, interrupt, claimed })
  } finally {
    claimed.release()
  }
}

const withServers = async (run: Run): Promise<void> => {
  const { progress, interrupt } = run
  const servers = await provisionServers({ dataDir, purpose: 'start', say: progress.say, signal: interrupt })
  try {
    await applyTopology({ adminUrl: servers.rabbitmqAdminUrl, vhost: vhostOf(servers.rabbitmqUrl) })
    progress.say('exchanges, queues and policies are in place; starting the services')
    await withSystem(run, servers)
  } finally {
    progress.say('stopping the servers')
    await servers.stop()
  }
}

const withSystem = async (run: Run, servers: Servers): Promise<void> => {
  const system = launch(run, servers)
  try {
    await unlessAborted(system.waitUntilReady(readyMs), run.interrupt)
    announce(run, servers)
    await unlessAborted(revive(system, run.progress.say), run.interrupt)
  } finally {
    run.progress.say('stopping the services')
    await system.stopAll()
  }
}

const launch = ({ ports, progress }: Run, servers: Servers): System =>
  launchSystem({
    ...{ servers, ports, databasePrefix: 'countinghouse', pidDirectory: join(dataDir, 'services') },
    environment: { SAMPLE_DATA: sampleData ? 'on' : 'off', LOG_LEVEL: process.env['LOG_LEVEL'] || 'info' },
    serviceEnvironment: { 'auth-service': { ENCRYPTION_KEYS: secretsIn(dataDir).encryptionKeys } },
    onLine: logsIn(join(dataDir, 'logs'), progress.say),
  })

const announce = ({ ports, progress, claimed }: Run, servers: Servers): void => {
  const { mongodbUri, rabbitmqUrl, rabbitmqAdminUrl, redisUrl } = servers
  const gatewayUrl = `http://127.0.0.1:${ports.gateway.port}`
  claimed.publish({ gatewayUrl, rabbitmqUrl, rabbitmqAdminUrl, mongodbUri, redisUrl, pid: process.pid })
  console.log(summary({ ports, servers, dataDir, sampleData, seconds: progress.seconds() }))
}

const vhostOf = (rabbitmqUrl: string): string => decodeURIComponent(new URL(rabbitmqUrl).pathname.slice(1)) || '/'

const progress = startProgress()
const interrupt = interruption()
let askedAtMs = 0
interrupt.addEventListener('abort', () => {
  askedAtMs = Date.now()
})
try {
  await start(progress, interrupt)
} catch (error) {
  if (!wasInterrupted(error)) {
    console.error(`\n${explain(error)}`)
    process.exit(1)
  }
  progress.say(`stopped in ${secondsSince(askedAtMs)} s; the data is in ${dataDir}`)
  process.exit(0)
}
