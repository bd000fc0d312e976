import { createVault } from '@countinghouse/shared/crypto'
import { createLog, maskUrl } from '@countinghouse/shared/log'
import { connectMongo } from '@countinghouse/shared/mongo/connect'
import { rotateKeys } from './commands.js'
import { readRotationSettings } from './config.js'

/** `npm run keys:rotate`: the next signing key takes over; no token and no running process notices. */
const WAIT_FOR_MONGO_MS = 10_000

const rotate = async (): Promise<string> => {
  const settings = readRotationSettings()
  const log = createLog('keys-rotate', 'error')
  const db = await connectMongo({
    ...{ uri: settings.MONGODB_URI, database: settings.MONGODB_DATABASE, service: 'keys-rotate', log },
    signal: AbortSignal.timeout(WAIT_FOR_MONGO_MS),
  }).catch((error: unknown) => {
    throw new Error(`MongoDB does not answer at ${maskUrl(settings.MONGODB_URI)}: ${String(error)}`)
  })
  try {
    const vault = createVault(settings.ENCRYPTION_KEYS)
    const active = await rotateKeys({ db, vault, now: () => new Date() }, settings.JWT_ACCESS_TTL)
    return `${active._id} signs from now on; the key before it is published until what it signed has run out.`
  } finally {
    await db.close()
  }
}

try {
  process.stdout.write(`${await rotate()}\n`)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
