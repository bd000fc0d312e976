import { parseArgs } from 'node:util'
import { z } from 'zod'
import { parseSettings, processSettings } from '../config.js'
import { encryptionKeys } from '../crypto.js'
import { brokerPermissions } from '../messaging/users.js'
import { databaseOf } from './mongoUsers.js'
import { PLACES, type Place } from './secrets.js'

const setupSettings = {
  MONGODB_ADMIN_URI: z.string().describe('MongoDB under a user who may make users'),
  RABBITMQ_ADMIN_URL: z.string().describe('The management API of RabbitMQ under an administrator'),
  RABBITMQ_VHOST: z.string().default('countinghouse').describe('The virtual host of the platform'),
  SERVICE_MASTER_SECRET: z.string().min(32).describe('What the passwords of the services are made of'),
}

export const readSetupSettings = () => parseSettings(setupSettings, process.env)
export type SetupSettings = ReturnType<typeof readSetupSettings>

const databases = () => Object.keys(brokerPermissions()).map(databaseOf).join(',')

export const backupSettings = {
  MONGODB_URI: z
    .string()
    .describe('MongoDB under a user who may read everything; to restore, who may write everything'),
  MONGODB_DATABASES: z
    .string()
    .default(databases)
    .transform((text) => text.split(','))
    .describe('The databases of the services, with commas between them'),
  BACKUP_KEYS: encryptionKeys.describe('What seals the backup: id:base64 of 32 bytes, newest first'),
  BACKUP_SNAPSHOT_HOURS: z.coerce.number().positive().default(6).describe('How old a snapshot gets before the next'),
  BACKUP_KEPT_DAYS: z.coerce.number().int().positive().default(30).describe('How far back it is possible to restore'),
  BACKUP_FOLDER: z.string().default('.data/backup').describe('The folder of the backup, without a bucket'),
  S3_BUCKET: z.string().optional().describe('The bucket of the backup'),
  S3_REGION: z.string().default('us-east-1').describe('The region of the bucket'),
  S3_ENDPOINT: z.string().optional().describe('Where the bucket is, when it is not with AWS'),
  S3_ACCESS_KEY_ID: z.string().optional().describe('Who signs requests to the bucket'),
  S3_SECRET_ACCESS_KEY: z.string().optional().describe('What requests to the bucket are signed with'),
}

export const readBackupSettings = () => parseSettings(backupSettings, process.env)
export type BackupSettings = ReturnType<typeof readBackupSettings>

const { REDIS_URL: _redis, AUTH_URL: _auth, SERVICE_CLIENT_SECRET: _secret, ...ofEveryProcess } = processSettings
const keeperSettings = {
  ...ofEveryProcess,
  ...backupSettings,
  BACKUP_EVERY_MINUTES: z.coerce.number().positive().default(5).describe('How much may be lost with all members'),
}

export const readKeeperSettings = () => parseSettings(keeperSettings, process.env)

const refillSettings = {
  MONGODB_ADMIN_URI: setupSettings.MONGODB_ADMIN_URI,
  MONGODB_DATABASES: backupSettings.MONGODB_DATABASES,
  RABBITMQ_URL: z.string().describe('RabbitMQ with the virtual host of the platform, under an administrator'),
}

export const readRefillSettings = () => parseSettings(refillSettings, process.env)

/** `restore [--to MOMENT]`: until the last thing that the backup has, unless a moment is named. */
export const readRestoreArguments = (parameters: string[]): { moment: Date } => {
  const { values } = parseArgs({ args: parameters, options: { to: { type: 'string' } } })
  const moment = values.to === undefined ? new Date(8.64e15) : new Date(values.to)
  if (Number.isNaN(moment.getTime())) throw new Error(`Not a moment: ${values.to}; say it like 2026-11-21T09:30:00Z`)
  return { moment }
}

export const readSecretsArguments = (parameters: string[]): { folder: string; place: Place } => {
  const { positionals } = parseArgs({ args: parameters, allowPositionals: true })
  const [place = 'compose', folder = 'secrets'] = positionals
  if (!Object.hasOwn(PLACES, place)) throw new Error(`Say one of ${Object.keys(PLACES).join(', ')}, not ${place}`)
  return { folder, place: place as Place }
}
