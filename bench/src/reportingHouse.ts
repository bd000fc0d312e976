import { freePorts } from '@countinghouse/scripts/kit/ports'
import type { Servers } from '@countinghouse/scripts/servers'
import { startService } from '@countinghouse/scripts/system/service'
import { createLog } from '@countinghouse/shared/log'
import { applyTopology } from '@countinghouse/shared/messaging/topology'
import { positions } from '@countinghouse/shared/messaging/position'
import { connectMongo } from '@countinghouse/shared/mongo/connect'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { openTokenOffice } from '@countinghouse/shared/testing/tokens'

export type ReportingHouse = {
  rabbitmqUrl: string
  get(path: string): Promise<Buffer>
  /** How many events the reports know. */
  projected(): Promise<number>
  memoryMb(): Promise<string>
  close(): Promise<void>
}

const DATABASE = 'bench_reporting'
const VHOST = 'bench-reporting'

/** reporting-service as a real process, on an empty database and stream. */
export const openReportingHouse = async (servers: Servers): Promise<ReportingHouse> => {
  const tokens = await openTokenOffice()
  const db = await connectMongo({
    uri: servers.mongodbUri,
    database: DATABASE,
    service: 'bench',
    log: createLog('bench', 'silent'),
  })
  await db.dropDatabase()
  await applyTopology({ adminUrl: servers.rabbitmqAdminUrl, vhost: VHOST })
  const rabbitmq = new URL(servers.rabbitmqUrl)
  rabbitmq.pathname = `/${VHOST}`
  const [port = 0, metricsPort = 0] = await freePorts(2)
  const child = await startService({
    service: 'reporting-service',
    environment: {
      ...process.env,
      ...{ NODE_ENV: 'test', LOG_LEVEL: 'error', SAMPLE_DATA: 'off', MONGODB_URI: servers.mongodbUri },
      ...{
        MONGODB_DATABASE: DATABASE,
        RABBITMQ_URL: rabbitmq.href,
        REDIS_URL: servers.redisUrl,
        AUTH_URL: tokens.authUrl,
      },
      SERVICE_CLIENT_SECRET: 'a secret that the token office takes',
      ...{ PORT: String(port), METRICS_PORT: String(metricsPort) },
    },
    onLine: (_service, line) => console.error(line),
    onExit: () => undefined,
  })
  const internal = async (path: string) => (await fetch(`http://127.0.0.1:${metricsPort}${path}`)).text()
  await eventually(async () => {
    if (!(await internal('/readyz')).includes('"ready"')) throw new Error('It is not ready')
  }, 30_000)
  const authorization = `Bearer ${tokens.userToken('admin')}`
  return {
    rabbitmqUrl: rabbitmq.href,
    get: async (path) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { authorization } })
      const body = Buffer.from(await response.arrayBuffer())
      if (response.status !== 200) throw new Error(`${path}: ${body.toString()}`)
      return body
    },
    projected: async () => ((await readsOn(db).findOne(positions, { _id: 'reports' }))?.offset ?? -1) + 1,
    memoryMb: async () => {
      const bytes = /^process_resident_memory_bytes\S* (\S+)/m.exec(await internal('/metrics'))?.[1]
      return (Number(bytes) / 1024 / 1024).toFixed(0)
    },
    close: async () => {
      await child.stop()
      await tokens.close()
      await db.dropDatabase()
      await db.close()
    },
  }
}
