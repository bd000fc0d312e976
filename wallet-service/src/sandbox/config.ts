import { httpUrl, parseSettings, processSettings } from '@countinghouse/shared/config'
import { z } from 'zod'

const { REDIS_URL: _redis, AUTH_URL: _auth, SERVICE_CLIENT_SECRET: _secret, ...ofEveryProcess } = processSettings

const sandboxSettings = {
  ...ofEveryProcess,
  SANDBOX_FILE: z.string().optional().describe('The file that keeps what happened at the sandbox; without it, memory does'), // prettier-ignore
  SANDBOX_PUBLIC_URL: httpUrl.optional().describe('Where payers find the sandbox’s page for 3-D Secure'),
  SANDBOX_WEBHOOK_URL: httpUrl.describe('Where the sandbox sends its webhooks'),
  SANDBOX_WEBHOOK_SECRET: z.string().min(16).describe('What it signs them with'),
  SANDBOX_DELAY_MS: z.coerce.number().int().min(0).default(2_000).describe('How long what happens later takes: disputes, failing refunds, payouts'), // prettier-ignore
}

export const readSettings = () => parseSettings(sandboxSettings, process.env)
