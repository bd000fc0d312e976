import { readSecretsArguments, readSetupSettings } from './config.js'
import { writeSecrets } from './files.js'
import { setUpServers } from './servers.js'

/** `servers` brings MongoDB and RabbitMQ up to date; `secrets [compose|kubernetes] [FOLDER]` writes what they share. */
const commands: Record<string, (parameters: string[]) => Promise<string>> = {
  servers: async () => {
    await setUpServers(readSetupSettings())
    return 'Exchanges, queues and users are in place.'
  },
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
