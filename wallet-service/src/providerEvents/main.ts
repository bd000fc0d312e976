import { createLog, maskUrl } from '@countinghouse/shared/log'
import { connectMongo } from '@countinghouse/shared/mongo/connect'
import { readReplaySettings } from './config.js'
import { replay } from './replay.js'

/** `npm run payments:replay`: lets logged events of the payment provider take effect once more, which changes nothing twice. */
const giveUp = (sentence: string): never => {
  process.stderr.write(`${sentence}\n`)
  process.exit(1)
}

const WAIT_FOR_MONGO_MS = 10_000

const now = new Date()
const settings = readReplaySettings(process.argv.slice(2), now)
const { uri, database, ...stretch } = typeof settings === 'string' ? giveUp(settings) : settings
const log = createLog('payments-replay', 'error')
const signal = AbortSignal.timeout(WAIT_FOR_MONGO_MS)
const db = await connectMongo({ uri, database, service: 'payments-replay', log, signal }).catch((error: unknown) =>
  giveUp(`MongoDB does not answer at ${maskUrl(uri)}: ${String(error)}`),
)
const count = await replay(db, stretch, now)
await db.close()
process.stdout.write(`${count.toString()} events are due again; wallet-service takes them as soon as it runs.\n`)
