import { createVault } from '@countinghouse/shared/crypto'
import { createLog, maskUrl } from '@countinghouse/shared/log'
import { connectMongo } from '@countinghouse/shared/mongo/connect'
import { endKeyAt } from '../app.js'
import { revokeKey, rotateKeys, type Deps } from './commands.js'
import { readRotationSettings } from './config.js'

const WAIT_FOR_MONGO_MS = 10_000

type Settings = ReturnType<typeof readRotationSettings>

/** `npm run keys:rotate`: the next signing key takes over; no token and no running process notices. */
const rotate = async (deps: Deps, { JWT_ACCESS_TTL }: Settings): Promise<string> => {
  const active = await rotateKeys(deps, JWT_ACCESS_TTL)
  return `${active._id} signs from now on; the key before it is published until what it signed has run out.`
}

/** `npm run keys:revoke -- KID`: what this key has signed is refused everywhere, within seconds. */
const revoke = async (deps: Deps, kid: string): Promise<string> => {
  const active = await revokeKey(deps, kid, endKeyAt(deps.now))
  return `${kid} is good for nothing any more; ${active._id} signs. Users refresh their tokens or log in again.`
}

const run = async ([option, kid]: string[]): Promise<string> => {
  if (option !== undefined && (option !== '--revoke' || !kid)) throw new Error('Usage: main.js [--revoke KID]')
  const settings = readRotationSettings()
  const log = createLog('keys-rotate', 'error')
  const db = await connectMongo({
    ...{ uri: settings.MONGODB_URI, database: settings.MONGODB_DATABASE, service: 'keys-rotate', log },
    signal: AbortSignal.timeout(WAIT_FOR_MONGO_MS),
  }).catch((error: unknown) => {
    throw new Error(`MongoDB does not answer at ${maskUrl(settings.MONGODB_URI)}: ${String(error)}`)
  })
  try {
    const deps = { db, vault: createVault(settings.ENCRYPTION_KEYS), now: () => new Date() }
    return await (kid === undefined ? rotate(deps, settings) : revoke(deps, kid))
  } finally {
    await db.close()
  }
}

try {
  process.stdout.write(`${await run(process.argv.slice(2))}\n`)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
