import { createCache } from '@countinghouse/shared/cache'
import { positions } from '@countinghouse/shared/messaging/position'
import { collectionsOf } from '@countinghouse/shared/mongo/archive'
import type { ServiceDefinition } from '@countinghouse/shared/service'
import { startArchiveNights } from './archive/nightly.js'
import { auditor, readAuditors } from './audit/consumers.js'
import { auditEndpoints } from './audit/routes.js'
import { auditArchive, auditEntries, auditHead } from './audit/store.js'
import { bookProjectors } from './books/consumers.js'
import { bookReports } from './books/reports.js'
import { bookArchive, bookQuarters } from './books/store.js'
import { readSettings, type Settings } from './config.js'
import { refusals } from './errors.js'
import { insightReports } from './insights/reports.js'
import { lendingProjectors } from './lending/consumers.js'
import { lendingReports } from './lending/reports.js'
import { lendingCollections } from './lending/store.js'
import { portfolioProjectors } from './portfolio/consumers.js'
import { portfolioEndpoints } from './portfolio/routes.js'
import { portfolioLoans } from './portfolio/store.js'
import { exportEndpoints } from './reports/exports/routes.js'
import { exportKind } from './reports/exports/kind.js'
import { REPORTS_PROJECTION } from './reports/making.js'
import { startReportNights } from './reports/nightly.js'
import { reportEndpoints } from './reports/routes.js'
import { snapshots } from './reports/store.js'
import { tradeProjectors } from './trade/consumers.js'
import { tradeReports } from './trade/reports.js'
import { tradeCollections } from './trade/store.js'

const reportCollections = [...collectionsOf(bookArchive), bookQuarters, ...tradeCollections, ...lendingCollections]
export const reports = [...bookReports, ...tradeReports, ...lendingReports, ...insightReports]

export const archived = [
  { archive: auditArchive, projection: 'audit' },
  { archive: bookArchive, projection: REPORTS_PROJECTION },
]

/** What can be made anew from the stream, and the collections that it fills. */
export const projectionsOf = (dayOf: (instant: Date) => string) => ({
  portfolio: { projectors: portfolioProjectors, collections: [portfolioLoans] },
  [REPORTS_PROJECTION]: {
    projectors: [...bookProjectors, ...tradeProjectors(dayOf), ...lendingProjectors(dayOf)],
    collections: reportCollections,
  },
})

export const reportingService: ServiceDefinition<Settings> = {
  name: 'reporting-service',
  readSettings,
  refusals,
  migrations: [
    { id: '0001-portfolio', collections: [portfolioLoans] },
    { id: '0002-reports', collections: [positions, ...reportCollections, snapshots] },
    { id: '0003-audit', collections: [auditEntries, auditHead] },
    { id: '0004-counts-ratings', collections: reportCollections },
    { id: '0005-archive', collections: [...reportCollections, ...collectionsOf(auditArchive)] },
  ],
  build: ({ db, redis, now, log, calendar, files, settings }) => {
    const { DEFAULT_CURRENCY: currency, BUSINESS_TIMEZONE: timeZone, REPORT_CACHE_TTL: ttlSeconds } = settings
    const cache = createCache({ redis, name: 'reports', database: db.name, ttlSeconds })
    const making = { db, now, cache, calendar, currency, timeZone, readPreference: settings.REPORT_READ_PREFERENCE }
    return {
      endpoints: [
        ...portfolioEndpoints({ db, now, currency, timeZone }),
        ...reportEndpoints(making, reports),
        ...exportEndpoints({ now, timeZone }, reports),
        ...auditEndpoints({ db, timeZone }),
      ],
      // The log is written once, so no rebuild knows it.
      projections: {
        ...projectionsOf((instant) => calendar.dayOf(instant)),
        audit: { projectors: readAuditors, others: auditor },
      },
      jobs: [exportKind({ ...making, files }, reports)],
      background: [
        () => startReportNights({ ...making, log, at: settings.REPORT_NIGHTLY_AT }, reports),
        () => startArchiveNights({ ...making, log, at: settings.REPORT_NIGHTLY_AT, afterDays: settings.ARCHIVE_AFTER_DAYS }, archived), // prettier-ignore
      ],
    }
  },
}
