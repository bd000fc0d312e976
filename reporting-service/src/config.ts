import { isTimeOfDay } from '@countinghouse/shared/calendar'
import { parseSettings, serviceSettings } from '@countinghouse/shared/config'
import { z } from 'zod'

export const reportingSettings = {
  ...serviceSettings,
  REPORT_CACHE_TTL: z.coerce.number().int().min(1).default(3600).describe('For how many seconds a report is kept'),
  REPORT_NIGHTLY_AT: z
    .string()
    .refine(isTimeOfDay, 'must be a time of day such as 02:00')
    .default('02:00')
    .describe('When the reports of the night are made, by the clocks of the business'),
  ARCHIVE_AFTER_DAYS: z.coerce
    .number()
    .int()
    .min(30)
    .default(365)
    .describe('After how many days entries of the audit log and of the books are kept in the archive'),
  REPORT_READ_PREFERENCE: z
    .enum(['primary', 'primaryPreferred', 'secondary', 'secondaryPreferred', 'nearest'])
    .default('primary')
    .describe('Which members of the replica set reports are read from'),
}

export const readSettings = () => parseSettings(reportingSettings, process.env)
export type Settings = ReturnType<typeof readSettings>
