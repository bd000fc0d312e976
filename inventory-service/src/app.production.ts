import { parseAmount } from '@countinghouse/shared/money'
import type { Migration } from '@countinghouse/shared/mongo/migrations'
import type { ServiceKit, ServiceParts } from '@countinghouse/shared/service'
import { blowEndpoints } from './blows/routes.js'
import { blows } from './blows/store.js'
import type { Settings } from './config.js'
import type { Stock } from './stock/stock.js'

export const productionMigrations: readonly Migration[] = [{ id: '0007-blows', collections: [blows] }]

/** Production, on the same stock as trade. */
export const productionParts = ({ db, now, settings, calendar }: ServiceKit<Settings>, stock: Stock): ServiceParts => ({
  endpoints: blowEndpoints({
    ...{ db, now, stock, dayOf: calendar.dayOf },
    ...{ currency: settings.DEFAULT_CURRENCY, timeZone: settings.BUSINESS_TIMEZONE },
    standardYieldBps: standardYieldOf(settings),
  }),
})

// Percent with two decimals are read as amounts are: exactly, into hundredths.
const standardYieldOf = ({ BLOW_STANDARD_YIELD: percent }: Settings): bigint | null => {
  const bps = percent === undefined ? null : parseAmount(percent, 'USD')
  return typeof bps === 'bigint' ? bps : null
}
