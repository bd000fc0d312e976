import { httpUrl, parseSettings, processSettings, SettingsError } from '@countinghouse/shared/config'
import { z } from 'zod'
import { parseTrust, type Trust } from './address.js'

const origin = httpUrl.refine((text) => URL.canParse(text) && new URL(text).origin === text.replace(/\/$/, ''), {
  message: 'must be an address without a path, like http://127.0.0.1:3001',
})
const serviceUrl = origin.transform((text) => new URL(text).origin)
const limit = z.coerce.number().int().positive()
const MEBIBYTE = 1024 * 1024

export const gatewaySettings = {
  ...processSettings,
  PORT: processSettings.PORT.default(3000),
  AUTH_URL: serviceUrl.describe('Where auth-service answers'),
  WALLET_URL: serviceUrl.describe('Where wallet-service answers'),
  LOAN_URL: serviceUrl.describe('Where loan-service answers'),
  INVENTORY_URL: serviceUrl.describe('Where inventory-service answers'),
  REPORTING_URL: serviceUrl.describe('Where reporting-service answers'),
  DEFAULT_CURRENCY: z.string().length(3).default('USD').describe('The currency of wallets and loans, by ISO 4217'),
  RATE_LIMIT_ENABLED: z.enum(['on', 'off']).default('on').describe('Whether requests are limited in number'),
  RATE_LIMIT_PER_MINUTE: limit.default(100).describe('Requests a minute of a user, or of an address without one'),
  RATE_LIMIT_ANON_PER_DAY: limit.default(100).describe('Requests a day of an address without a user, in the shop'),
  RATE_LIMIT_USER_PER_DAY: limit.default(1000).describe('Requests a day of a user, in the shop'),
  RATE_LIMIT_LOGINS_PER_MINUTE: limit.default(20).describe('Attempts to log in of an address'),
  RATE_LIMIT_REGISTRATIONS_PER_HOUR: limit.default(20).describe('Registrations and lost passwords of an address'),
  RATE_LIMIT_WAIT_MS: limit.default(150).describe('How long Redis may take to count before a gateway counts alone'),
  CORS_ORIGINS: z
    .string()
    .optional()
    .transform(toList)
    .pipe(z.array(origin.or(z.literal('*'))).optional())
    .describe('Origins whose pages may call, with commas between them, or *; none in production unless set'),
  TRUST_PROXY: z
    .string()
    .default('0')
    .transform(toTrust)
    .describe('Proxies in front that are believed: how many, or their addresses and networks with commas between them'),
  TLS_CERT_FILE: z.string().optional().describe('The certificate chain (PEM); with it the port speaks HTTPS alone'),
  TLS_KEY_FILE: z.string().optional().describe('The key of the certificate (PEM)'),
  BODY_MAX_BYTES: limit.default(MEBIBYTE).describe('The largest JSON or form'),
  UPLOAD_MAX_BYTES: limit.default(25 * MEBIBYTE).describe('The largest body of any other type: images, documents'),
  HEADERS_TIMEOUT_MS: limit.default(10_000).describe('How long the headers of a request may take to arrive'),
  REQUEST_TIMEOUT_MS: limit
    .default(15_000)
    .describe(
      'When a service must have begun to answer; longer than a duplicate waits for the first answer of its key',
    ),
  IN_FLIGHT_MAX: limit.default(2_000).describe('Requests in flight, of which the last fifth is for writing'),
  IN_FLIGHT_PER_SERVICE_MAX: limit.default(500).describe('The same for each service'),
  EVENT_LOOP_DELAY_MAX_MS: limit.default(250).describe('How late the event loop may be before requests are refused'),
}

function toList(text: string | undefined): string[] | undefined {
  return text?.split(',').map((part) => part.trim().replace(/\/$/, ''))
}

function toTrust(text: string, context: z.core.$RefinementCtx): Trust {
  const trust = parseTrust(text)
  if (trust) return trust
  context.addIssue('must be a number of proxies, or addresses and networks like 10.0.0.0/8,fd00::/8')
  return z.NEVER
}

export const readSettings = (environment = process.env) => {
  const parsed = parseSettings(gatewaySettings, environment)
  if (!parsed.TLS_CERT_FILE !== !parsed.TLS_KEY_FILE)
    throw new SettingsError(['TLS_CERT_FILE and TLS_KEY_FILE: give both or none'])
  const origins = parsed.NODE_ENV === 'development' ? ['http://localhost:3000'] : []
  return Object.freeze({ ...parsed, CORS_ORIGINS: parsed.CORS_ORIGINS ?? origins })
}
export type Settings = ReturnType<typeof readSettings>
