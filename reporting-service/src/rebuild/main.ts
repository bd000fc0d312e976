import { createCalendar } from '@countinghouse/shared/calendar'
import { createLog } from '@countinghouse/shared/log'
import { connectBroker } from '@countinghouse/shared/messaging/broker'
import { rebuildProjection } from '@countinghouse/shared/messaging/rebuild'
import { connectMongo } from '@countinghouse/shared/mongo/connect'
import { projectionsOf } from '../app.js'
import { readRebuildSettings } from './config.js'

/**
 * `npm run projections:rebuild [name …]`: projections are made anew from the first event of the stream, while the old ones
 * serve; the running service changes over without noticing.
 */
const rebuild = async (names: readonly string[]): Promise<string> => {
  const settings = readRebuildSettings()
  const log = createLog('projections-rebuild', 'error')
  const { BUSINESS_TIMEZONE: zone, MONGODB_URI: uri, MONGODB_DATABASE: database, RABBITMQ_URL: url } = settings
  const projections = projectionsOf((instant) => createCalendar({ zone }).dayOf(instant))
  const unknown = names.filter((name) => !Object.hasOwn(projections, name))
  if (unknown.length > 0)
    throw new Error(`No such projection: ${unknown.join(', ')}; there are ${Object.keys(projections).join(', ')}`)
  const db = await connectMongo({
    uri,
    database,
    service: 'projections-rebuild',
    log,
    signal: AbortSignal.timeout(10_000),
  })
  const broker = await connectBroker({ url, service: 'projections-rebuild', log })
  try {
    for (const [name, { projectors, collections }] of Object.entries(projections)) {
      if (names.length > 0 && !names.includes(name)) continue
      const progress = (done: number, total: number) => process.stdout.write(`${name}: ${done} of ${total} events\n`)
      await rebuildProjection({ name, projectors, collections, db, broker, log, progress })
    }
    return 'Done: reports read the new copies from now on.'
  } finally {
    await broker.close()
    await db.close()
  }
}

try {
  process.stdout.write(`${await rebuild(process.argv.slice(2))}\n`)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
