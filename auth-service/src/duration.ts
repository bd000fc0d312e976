import { z } from 'zod'

export const SECONDS_OF = { s: 1, m: 60, h: 3600, d: 86_400 } as const

/** A time such as `15m` or `1h`, in seconds. */
export const duration = z
  .string()
  .regex(/^[1-9]\d{0,4}[smhd]$/, 'must be a time such as 90s, 15m, 1h or 30d')
  .transform((text) => Number(text.slice(0, -1)) * SECONDS_OF[text.slice(-1) as keyof typeof SECONDS_OF])
