import { httpUrl, parseSettings, serviceSettings } from '@countinghouse/shared/config'
import { encryptionKeys } from '@countinghouse/shared/crypto'
import { z } from 'zod'

export const walletSettings = {
  ...serviceSettings,
  ENCRYPTION_KEYS: encryptionKeys.describe('What seals secrets for the database: id:base64 of 32 bytes, newest first'),
  REMITTANCE_DAILY_LIMIT: z.coerce
    .bigint()
    .positive()
    .default(10_000n)
    .describe('The most that a user sends away on a business day, in whole units of the default currency'),
  LOAN_URL: httpUrl.optional().describe('Where loan-service answers, for payments that repay loans'),
  STRIPE_API_KEY: z.string().min(8).optional().describe('The key of the payment provider; without it nobody can pay by card'), // prettier-ignore
  STRIPE_API_URL: httpUrl.default('https://api.stripe.com').describe('Where the payment provider answers, or its sandbox'), // prettier-ignore
  STRIPE_WEBHOOK_SECRETS: z
    .string()
    .default('')
    .transform((text) => text.split(',').filter((secret) => secret !== ''))
    .describe(
      'What its webhooks are signed with; two of them, with a comma between, while one takes the other’s place',
    ),
  WEBHOOKS_TO_LOOPBACK: z
    .enum(['on', 'off'])
    .default('off')
    .describe('Whether webhooks may go to this machine, and by plain HTTP; never in production'),
  INSTITUTION_URL: httpUrl.optional().describe('Where the sandbox institution answers, whose accounts users can link'),
}

export const readSettings = () => parseSettings(walletSettings, process.env)
export type Settings = ReturnType<typeof readSettings>
