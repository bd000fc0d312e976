import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { readJson, root, startDataDir, writeJson } from './kit/files.js'
import type { Running } from './start/claim.js'
import { newEncryptionKeys } from './system.js'

// The commands are those of a deployment; beside a local `npm start` they are told where everything is.
const [command = '', ...parameters] = process.argv.slice(2)
const running = readJson<Running>(join(startDataDir, 'running.json'))
const keyFile = join(startDataDir, 'backup-key.json')

const keyOf = (): string => {
  const kept = readJson<{ keys: string }>(keyFile)?.keys ?? newEncryptionKeys()
  writeJson(keyFile, { keys: kept })
  return kept
}

const local = running && {
  MONGODB_URI: running.mongodbUri,
  MONGODB_ADMIN_URI: running.mongodbUri,
  RABBITMQ_URL: running.rabbitmqUrl,
}
const environment = {
  ...local,
  BACKUP_FOLDER: join(startDataDir, 'backup'),
  ...(!process.env['BACKUP_KEYS'] && !process.env['BACKUP_KEYS_FILE'] && { BACKUP_KEYS: keyOf() }),
  ...process.env,
}
const { status } = spawnSync(process.execPath, ['--enable-source-maps', join(root, 'shared/dist/setup/main.js'), command, ...parameters], { env: environment, stdio: 'inherit' }) // prettier-ignore
process.exitCode = status ?? 1
