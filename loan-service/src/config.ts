import { isTimeOfDay } from '@countinghouse/shared/calendar'
import { httpUrl, parseSettings, serviceSettings } from '@countinghouse/shared/config'
import { z } from 'zod'

export const loanSettings = {
  ...serviceSettings,
  WALLET_URL: httpUrl.describe('Where wallet-service answers'),
  LOAN_MAX_AMOUNT: z.coerce
    .bigint()
    .positive()
    .default(1_000_000n)
    .describe('The most that borrowers may apply for themselves, in whole units of the default currency'),
  LOAN_MAX_TERM_MONTHS: z.coerce
    .number()
    .int()
    .min(1)
    .max(1200)
    .default(360)
    .describe('The longest term that borrowers may apply for themselves'),
  LOAN_MAX_OPEN: z.coerce
    .number()
    .int()
    .min(1)
    .default(3)
    .describe('How many open loans a borrower who applies may have'),
  LOAN_UNASSESSED_MAX: z.coerce
    .bigint()
    .nonnegative()
    .default(5_000n)
    .describe('Income and expenses may be missing up to this amount, in whole units of the default currency'),
  LOAN_DUAL_CONTROL_ABOVE: z.coerce
    .bigint()
    .nonnegative()
    .default(50_000n)
    .describe('Above this amount two people approve a loan; in whole units of the default currency'),
  LOAN_OFFER_DAYS: z.coerce
    .number()
    .int()
    .min(1)
    .default(30)
    .describe('After so many days an undecided application lapses, and an approval that can not be paid out'),
  LOAN_ANSWER_WITHIN_SECONDS: z.coerce
    .number()
    .positive()
    .default(60)
    .describe('When wallet-service is asked again for money that it has not answered for'),
  LOAN_NIGHTLY_AT: z
    .string()
    .refine(isTimeOfDay, 'must be a time of day like 01:00')
    .default('01:00')
    .describe('When running loans are brought to the new day, by the clocks of the business'),
  LOAN_REMIND_DAYS_BEFORE: z.coerce
    .number()
    .int()
    .min(1)
    .max(30)
    .default(3)
    .describe('How many days before an instalment falls due its borrower is reminded'),
  LOAN_DOCUMENT_MAX_BYTES: z.coerce
    .number()
    .int()
    .min(1)
    .max(100_000_000)
    .default(10_000_000)
    .describe('How large a document of a loan may be'),
  RISK_REJECT_THRESHOLD: z.coerce
    .number()
    .gt(0)
    .max(0.75)
    .default(0.75)
    .describe('A risk score at or above it is never approved; may be stricter than 0.75, never laxer'),
}

export const readSettings = () => parseSettings(loanSettings, process.env)
export type Settings = ReturnType<typeof readSettings>
