import { parseSettings, processSettings } from '@countinghouse/shared/config'

const { REDIS_URL: _redis, AUTH_URL: _auth, SERVICE_CLIENT_SECRET: _secret, ...institutionSettings } = processSettings

export const readSettings = () => parseSettings(institutionSettings, process.env)
