import { httpUrl, parseSettings, processSettings } from '@countinghouse/shared/config'

const origin = httpUrl.refine((text) => URL.canParse(text) && new URL(text).origin === text.replace(/\/$/, ''), {
  message: 'must be an address without a path, like http://127.0.0.1:3001',
})
const serviceUrl = origin.transform((text) => new URL(text).origin)

const settings = {
  ...processSettings,
  PORT: processSettings.PORT.default(3000),
  AUTH_URL: serviceUrl,
  WALLET_URL: serviceUrl,
  LOAN_URL: serviceUrl,
  INVENTORY_URL: serviceUrl,
  REPORTING_URL: serviceUrl,
}

export const readSettings = (environment = process.env) => parseSettings(settings, environment)
export type Settings = ReturnType<typeof readSettings>
