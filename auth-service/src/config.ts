import { httpUrl, parseSettings, serviceSettings } from '@countinghouse/shared/config'
import { encryptionKeys } from '@countinghouse/shared/crypto'
import { z } from 'zod'
import { duration, SECONDS_OF } from './duration.js'

export const authSettings = {
  ...serviceSettings,
  ENCRYPTION_KEYS: encryptionKeys.describe('What seals the private signing keys: id:base64 of 32 bytes, newest first'),
  JWT_ACCESS_TTL: duration
    .default(SECONDS_OF.h)
    .describe('How long an access token is good: 90s, 15m, 1h, 30d; in seconds here'),
  JWT_REFRESH_TTL: duration
    .default(30 * SECONDS_OF.d)
    .describe('How long a session may rest between two refreshes; in seconds here'),
  SERVICE_MASTER_SECRET: z
    .string()
    .transform((text) => text.split(','))
    .refine((secrets) => secrets.every((secret) => secret.length >= 32), 'must have at least 32 characters')
    .describe('What the secrets of the services are made of; with commas between them an old one goes on to count'),
  APP_URL: httpUrl.optional().describe('The front end; with it, mails carry links instead of codes'),
}

export const readSettings = () => parseSettings(authSettings, process.env)
export type Settings = ReturnType<typeof readSettings>
