import { parseSettings, serviceSettings } from '@countinghouse/shared/config'
import { encryptionKeys } from '@countinghouse/shared/crypto'
import { existsSync, readFileSync } from 'node:fs'
import { duration, SECONDS_OF } from '../duration.js'

// Where `npm start` keeps what it runs on and with, for other programs of this checkout.
const RUNNING = '.data/running.json'
const SECRETS = '.data/secrets.json'

/** From the environment, else from the running system. */
export const readRotationSettings = () => {
  const { MONGODB_URI, MONGODB_DATABASE } = serviceSettings
  const secret = { ENCRYPTION_KEYS: encryptionKeys, JWT_ACCESS_TTL: duration.default(SECONDS_OF.h) }
  const found = {
    MONGODB_URI: readJson(RUNNING)['mongodbUri'],
    MONGODB_DATABASE: 'countinghouse_auth',
    ENCRYPTION_KEYS: readJson(SECRETS)['encryptionKeys'],
  }
  return parseSettings({ MONGODB_URI, MONGODB_DATABASE, ...secret }, { ...found, ...process.env })
}

const readJson = (file: string): Record<string, string> =>
  existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>) : {}
