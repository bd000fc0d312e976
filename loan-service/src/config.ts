import { parseSettings, serviceSettings } from '@countinghouse/shared/config'
import { z } from 'zod'

export const loanSettings = {
  ...serviceSettings,
  /** Whole units of the default currency; binds own applications, as do the next two. */
  LOAN_MAX_AMOUNT: z.coerce.bigint().positive().default(1_000_000n),
  LOAN_MAX_TERM_MONTHS: z.coerce.number().int().min(1).max(1200).default(360),
  LOAN_MAX_OPEN: z.coerce.number().int().min(1).default(3),
  /** Income and expenses may be missing up to this amount, in whole units of the default currency. */
  LOAN_UNASSESSED_MAX: z.coerce.bigint().nonnegative().default(5_000n),
  /** A score at or above it is never approved; may be stricter than 0.75, never laxer. */
  RISK_REJECT_THRESHOLD: z.coerce.number().gt(0).max(0.75).default(0.75),
}

export const readSettings = () => parseSettings(loanSettings, process.env)
export type Settings = ReturnType<typeof readSettings>
