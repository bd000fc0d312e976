import { parseArgs } from 'node:util'
import { z } from 'zod'
import { parseSettings } from '../config.js'
import { PLACES, type Place } from './secrets.js'

const setupSettings = {
  MONGODB_ADMIN_URI: z.string().describe('MongoDB under a user who may make users'),
  RABBITMQ_ADMIN_URL: z.string().describe('The management API of RabbitMQ under an administrator'),
  RABBITMQ_VHOST: z.string().default('countinghouse').describe('The virtual host of the platform'),
  SERVICE_MASTER_SECRET: z.string().min(32).describe('What the passwords of the services are made of'),
}

export const readSetupSettings = () => parseSettings(setupSettings, process.env)
export type SetupSettings = ReturnType<typeof readSetupSettings>

export const readSecretsArguments = (parameters: string[]): { folder: string; place: Place } => {
  const { positionals } = parseArgs({ args: parameters, allowPositionals: true })
  const [place = 'compose', folder = 'secrets'] = positionals
  if (!Object.hasOwn(PLACES, place)) throw new Error(`Say one of ${Object.keys(PLACES).join(', ')}, not ${place}`)
  return { folder, place: place as Place }
}
