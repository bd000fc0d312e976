import { backUp, refill, restoreBackup, toLine } from './backup.js'
import {
  readBackupSettings,
  readRefillSettings,
  readRestoreArguments,
  readSecretsArguments,
  readSetupSettings,
} from './config.js'
import { writeSecrets } from './files.js'
import { setUpServers } from './servers.js'

/**
 * `servers` brings MongoDB and RabbitMQ up to date; `secrets [compose|kubernetes] [FOLDER]` writes what they share;
 * `backup` and `restore [--to MOMENT]` keep and bring back all databases; `refill` fills an empty event stream again.
 */
const commands: Record<string, (parameters: string[]) => Promise<string>> = {
  servers: async () => {
    await setUpServers(readSetupSettings())
    return 'Exchanges, queues and users are in place.'
  },
  backup: async () => (await backUp(readBackupSettings(), new Date())).map(toLine).join('\n'),
  restore: (parameters) => restoreBackup(readBackupSettings(), readRestoreArguments(parameters)),
  refill: () => refill(readRefillSettings()),
  secrets: async (parameters) => {
    const { folder, place } = readSecretsArguments(parameters)
    writeSecrets(folder, place)
    return `The secrets for ${place} are in ${folder}; keep a copy where only you can read it.`
  },
}

const [name = '', ...parameters] = process.argv.slice(2)
try {
  const command = commands[name]
  if (!command) throw new Error(`Usage: ${Object.keys(commands).join(' | ')}`)
  process.stdout.write(`${await command(parameters)}\n`)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
