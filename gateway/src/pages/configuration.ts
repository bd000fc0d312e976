import { createRequire } from 'node:module'
import { exponentOf } from '@countinghouse/shared/money'
import type { Settings } from '../config.js'

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string }

const CURRENCIES = Intl.supportedValuesOf('currency')

/** What clients may know of the settings, named one by one so that no secret slips in. */
export const toConfiguration = (settings: Settings) => ({
  name: 'countinghouse',
  version,
  default_currency: settings.DEFAULT_CURRENCY,
  currencies: CURRENCIES.map((code) => ({ code, decimals: exponentOf(code) })),
  limits: {
    rate: {
      enabled: settings.RATE_LIMIT_ENABLED === 'on',
      per_minute: settings.RATE_LIMIT_PER_MINUTE,
      shop_anonymous_per_day: settings.RATE_LIMIT_ANON_PER_DAY,
      shop_user_per_day: settings.RATE_LIMIT_USER_PER_DAY,
      logins_per_minute: settings.RATE_LIMIT_LOGINS_PER_MINUTE,
      registrations_per_hour: settings.RATE_LIMIT_REGISTRATIONS_PER_HOUR,
    },
    body_max_bytes: settings.BODY_MAX_BYTES,
    upload_max_bytes: settings.UPLOAD_MAX_BYTES,
    request_timeout_ms: settings.REQUEST_TIMEOUT_MS,
    page_size_default: 20,
    page_size_max: 100,
  },
})
