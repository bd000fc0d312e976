import { ensureCollections } from '@countinghouse/shared/mongo/collection'
import type { ServiceDefinition } from '@countinghouse/shared/service'
import { readSettings, type Settings } from './config.js'
import { refusals } from './errors.js'
import { portfolioProjectors } from './portfolio/consumers.js'
import { portfolioEndpoints } from './portfolio/routes.js'
import { portfolioLoans } from './portfolio/store.js'

export const reportingService: ServiceDefinition<Settings> = {
  name: 'reporting-service',
  readSettings,
  refusals,
  migrations: [{ id: '0001-portfolio', up: (db) => ensureCollections(db, [portfolioLoans]) }],
  build: ({ db, now, settings: { DEFAULT_CURRENCY: currency, BUSINESS_TIMEZONE: timeZone } }) => ({
    endpoints: portfolioEndpoints({ db, now, currency, timeZone }),
    projections: { portfolio: portfolioProjectors },
  }),
}
