import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { isDay } from './calendar.js'
import { isTimeZone } from './days.js'

/** Every setting that is wrong, named at once. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
  constructor(readonly problems: readonly string[]) {
    super(`These settings need attention:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`)
  }
}

/** Parses the environment into one frozen object, or throws a `SettingsError` that names all problems. */
export const parseSettings = <Shape extends z.ZodRawShape>(
  shape: Shape,
  environment: NodeJS.ProcessEnv,
): Readonly<z.infer<z.ZodObject<Shape>>> => {
  // An empty variable is how compose files say "not set".
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  const { given, problems } = withFiles(Object.keys(shape), set)
  const parsed = z.object(shape).safeParse(given)
  if (parsed.success && problems.length === 0) return Object.freeze(parsed.data)
  throw new SettingsError([...problems, ...(parsed.error?.issues ?? []).map(toProblem(given))])
}

// A secret comes as a file: NAME_FILE names the file that holds the value of NAME, which wins where both are given.
const withFiles = (names: readonly string[], set: Record<string, string | undefined>) => {
  const [given, problems] = [{ ...set }, [] as string[]]
  for (const name of names) {
    const file = set[`${name}_FILE`]
    if (file === undefined || set[name] !== undefined || names.includes(`${name}_FILE`)) continue
    try {
      given[name] = readFileSync(file, 'utf8').trim()
    } catch (error) {
      problems.push(`${name}_FILE: ${String(error)}`)
    }
  }
  return { given, problems }
}

const toProblem =
  (given: Record<string, string | undefined>) =>
  (issue: z.core.$ZodIssue): string => {
    const name = issue.path.join('.')
    return given[name] === undefined ? `${name} is missing` : `${name}: ${issue.message}`
  }

const port = z.coerce.number().int().min(1).max(65535)
const url = (...protocols: string[]) =>
  z.string().refine((text) => protocols.some((protocol) => text.startsWith(`${protocol}://`)), {
    message: `must begin with ${protocols.map((protocol) => `${protocol}://`).join(' or ')}`,
  })

export const httpUrl = url('http', 'https')

/** The settings of every process. */
export const processSettings = {
  NODE_ENV: z
    .enum(['development', 'test', 'production'])
    .default('development')
    .describe('Where it runs; only development shows what really failed'),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .default('info')
    .describe('The least important line that is logged'),
  HOST: z.string().default('127.0.0.1').describe('The address that both ports are taken on'),
  PORT: port.describe('The port of the API'),
  METRICS_PORT: port.describe('The internal port: health, readiness, metrics'),
  REDIS_URL: url('redis', 'rediss').describe('Redis: what makes repeats and limits fast; nothing is lost with it'),
  AUTH_URL: httpUrl.describe('Where auth-service answers'),
  SERVICE_CLIENT_SECRET: z
    .string()
    .min(32, 'must have at least 32 characters')
    .describe('Proves to auth-service which service this is; made of SERVICE_MASTER_SECRET and its name'),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl
    .optional()
    .describe('Where traces go, by OTLP over HTTP; without it none are kept, though their ids travel on'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe('The share of traces that are kept, of those that begin here'),
  SENTRY_DSN: httpUrl.optional().describe('Where faults are reported, by the protocol of Sentry'),
  FAULT_POINT: z
    .string()
    .optional()
    .describe('Dies by SIGKILL when it reaches the point of this name; for crash tests, refused in production'),
}

/** The settings of a service that owns data. */
export const serviceSettings = {
  ...processSettings,
  MONGODB_URI: url('mongodb', 'mongodb+srv').describe('MongoDB, a replica set'),
  SLOW_QUERY_MS: z.coerce
    .number()
    .positive()
    .default(1000)
    .describe('From how many milliseconds on a command to MongoDB is logged by its shape'),
  MONGODB_DATABASE: z.string().min(1).describe('The database of this service, which nobody else reads'),
  RABBITMQ_URL: url('amqp', 'amqps').describe('RabbitMQ with the virtual host of the platform'),
  SAMPLE_DATA: z
    .enum(['on', 'off'])
    .optional()
    .describe('Whether the sample data is loaded: on unless it is off, and never in production'),
  SMTP_URL: url('smtp', 'smtps')
    .optional()
    .describe('The mail server; without it mails are lines of the log, and files of MAIL_FOLDER where that is set'),
  MAIL_FROM: z.string().default('Countinghouse <no-reply@countinghouse.test>').describe('Who mails are from'),
  MAIL_FOLDER: z.string().optional().describe('A folder for mails where there is no mail server'),
  S3_BUCKET: z.string().optional().describe('The bucket that keeps files; without it they are in FILES_FOLDER'),
  S3_REGION: z.string().default('us-east-1').describe('The region of the bucket'),
  S3_ENDPOINT: httpUrl.optional().describe('Where the bucket is, when it is not with AWS'),
  S3_ACCESS_KEY_ID: z.string().optional().describe('Who signs requests to the bucket'),
  S3_SECRET_ACCESS_KEY: z.string().optional().describe('What requests to the bucket are signed with'),
  FILES_FOLDER: z.string().default('.data/files').describe('The folder that keeps files when there is no bucket'),
  FILES_PUBLIC_URL: z
    .union([httpUrl, z.literal('')])
    .default('')
    .describe('What the addresses of files in the folder begin with: the address of the gateway'),
  DEFAULT_CURRENCY: z.string().length(3).default('USD').describe('The currency of wallets and loans, by ISO 4217'),
  BUSINESS_TIMEZONE: z
    .string()
    .refine(isTimeZone, 'is not an IANA time zone')
    .default('Asia/Kolkata')
    .describe('Where the days of the business begin and end'),
  BUSINESS_HOLIDAYS: z
    .string()
    .default('')
    .transform((text) => text.split(',').filter((day) => day !== ''))
    .refine((days) => days.every(isDay), 'must be days like 2026-12-25, with commas between')
    .describe('Days without business beside the weekends, like 2026-12-25,2027-01-26'),
}

const { MONGODB_URI, MONGODB_DATABASE } = serviceSettings
const migrationSettings = { MONGODB_URI, MONGODB_DATABASE, LOG_LEVEL: processSettings.LOG_LEVEL }
/** What it takes to migrate a database and nothing else. */
export const readMigrationSettings = () => parseSettings(migrationSettings, process.env)

export type ProcessSettings = Readonly<z.infer<z.ZodObject<typeof processSettings>>>
export type ServiceSettings = Readonly<z.infer<z.ZodObject<typeof serviceSettings>>>

/** Sample data is on outside production unless switched off, and never loaded in production. */
export const wantsSampleData = (settings: Pick<ServiceSettings, 'NODE_ENV' | 'SAMPLE_DATA'>): boolean =>
  settings.NODE_ENV !== 'production' && settings.SAMPLE_DATA !== 'off'
