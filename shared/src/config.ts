import { z } from 'zod'
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
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  const parsed = z.object(shape).safeParse(given)
  if (!parsed.success) throw new SettingsError(parsed.error.issues.map(toProblem(given)))
  return Object.freeze(parsed.data)
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
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  HOST: z.string().default('127.0.0.1'),
  PORT: port,
  METRICS_PORT: port,
  REDIS_URL: url('redis', 'rediss'),
  AUTH_URL: httpUrl,
  /** Dies by SIGKILL when it reaches the point of this name; for crash tests, refused in production. */
  FAULT_POINT: z.string().optional(),
}

/** The settings of a service that owns data. */
export const serviceSettings = {
  ...processSettings,
  MONGODB_URI: url('mongodb', 'mongodb+srv'),
  MONGODB_DATABASE: z.string().min(1),
  RABBITMQ_URL: url('amqp', 'amqps'),
  SAMPLE_DATA: z.enum(['on', 'off']).optional(),
  DEFAULT_CURRENCY: z.string().length(3).default('USD'),
  BUSINESS_TIMEZONE: z.string().refine(isTimeZone, 'is not an IANA time zone').default('Asia/Kolkata'),
}

export type ProcessSettings = Readonly<z.infer<z.ZodObject<typeof processSettings>>>
export type ServiceSettings = Readonly<z.infer<z.ZodObject<typeof serviceSettings>>>

/** Sample data is on outside production unless switched off, and never loaded in production. */
export const wantsSampleData = (settings: Pick<ServiceSettings, 'NODE_ENV' | 'SAMPLE_DATA'>): boolean =>
  settings.NODE_ENV !== 'production' && settings.SAMPLE_DATA !== 'off'
