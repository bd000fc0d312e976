import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../kit/failure.js'
import { readJson, writeJson } from '../kit/files.js'
import { newEncryptionKeys, newMasterSecret } from '../system.js'

type Secrets = { encryptionKeys: string; serviceMasterSecret: string; walletEncryptionKeys: string }

/** The secrets of this data folder, made once: without them what they sealed cannot be read again. */
export const secretsIn = (dataDir: string): Secrets => {
  const file = join(dataDir, 'secrets.json')
  const earlier = readJson<Partial<Secrets>>(file)
  if (!earlier?.encryptionKeys && existsSync(file))
    throw new Failure(`${file} cannot be read; restore it, or move the data folder away with it`)
  const secrets = {
    encryptionKeys: newEncryptionKeys(),
    serviceMasterSecret: newMasterSecret(),
    walletEncryptionKeys: newEncryptionKeys(),
    ...earlier,
  }
  if (!earlier?.serviceMasterSecret || !earlier.walletEncryptionKeys) writeJson(file, secrets)
  return secrets
}
