import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../kit/failure.js'
import { readJson, writeJson } from '../kit/files.js'
import { newEncryptionKeys } from '../system.js'

type Secrets = { encryptionKeys: string }

/** The secrets of this data folder, made once: without them what they sealed cannot be read again. */
export const secretsIn = (dataDir: string): Secrets => {
  const file = join(dataDir, 'secrets.json')
  const earlier = readJson<Secrets>(file)
  if (earlier?.encryptionKeys) return earlier
  if (existsSync(file)) throw new Failure(`${file} cannot be read; restore it, or move the data folder away with it`)
  const secrets = { encryptionKeys: newEncryptionKeys() }
  writeJson(file, secrets)
  return secrets
}
