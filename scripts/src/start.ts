import { join } from 'node:path'
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
import { prepareBroker, type BrokerUrls } from './system/broker.js'
import type { ServicePorts } from './system/names.js'
import { launchSystem, type System } from './system.js'

const readyMs = 60_000
const sampleData = process.env['SAMPLE_DATA'] !== 'off'

type PreparedServers = Servers & { brokerUrls: BrokerUrls }
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
    const { serviceMasterSecret: masterSecret } = secretsIn(dataDir)
    const brokerUrls = await prepareBroker({ ...servers, vhost: vhostOf(servers.rabbitmqUrl), masterSecret })
    progress.say('exchanges, queues and users are in place; starting the services')
    await withSystem(run, { ...servers, brokerUrls })
  } finally {
    progress.say('stopping the servers')
    await servers.stop()
  }
}

const withSystem = async (run: Run, servers: PreparedServers): Promise<void> => {
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

const launch = ({ ports, progress }: Run, servers: PreparedServers): System =>
  launchSystem({
    ...{
      servers,
      brokerUrls: servers.brokerUrls,
      ports,
      // Of two systems on one MongoDB each needs its own.
      databasePrefix: process.env['DATABASE_PREFIX'] || 'countinghouse',
      pidDirectory: join(dataDir, 'services'),
    },
    environment: {
      SAMPLE_DATA: sampleData ? 'on' : 'off',
      LOG_LEVEL: process.env['LOG_LEVEL'] || 'info',
      MAIL_FOLDER: process.env['MAIL_FOLDER'] || join(dataDir, 'mail'),
      FILES_FOLDER: process.env['FILES_FOLDER'] || join(dataDir, 'files'),
      SANDBOX_FILE: join(dataDir, 'sandbox-provider.jsonl'),
    },
    serviceEnvironment: {
      'auth-service': secretsOfAuth(),
      'wallet-service': { ENCRYPTION_KEYS: secretsIn(dataDir).walletEncryptionKeys },
    },
    onLine: logsIn(join(dataDir, 'logs'), progress.say),
  })

const secretsOfAuth = () => {
  const { encryptionKeys, serviceMasterSecret } = secretsIn(dataDir)
  return { ENCRYPTION_KEYS: encryptionKeys, SERVICE_MASTER_SECRET: serviceMasterSecret }
}

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
