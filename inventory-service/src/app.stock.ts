import type { Migration } from '@countinghouse/shared/mongo/migrations'
import { startNightly } from '@countinghouse/shared/mongo/nightly'
import type { ServiceKit, ServiceParts } from '@countinghouse/shared/service'
import { adjustmentKind } from './adjustments/commands.js'
import { adjustmentEndpoints } from './adjustments/routes.js'
import { adjustments } from './adjustments/store.js'
import { alertEndpoints } from './alerts/routes.js'
import { gateDepsOf } from './app.approvals.js'
import type { ApprovalKind } from './approvals/commands.js'
import { availabilityEndpoints } from './availability/routes.js'
import type { Settings } from './config.js'
import { countKind } from './counts/commands/post.js'
import { countEndpoints } from './counts/routes.js'
import { stockCounts } from './counts/store.js'
import { suggestForAll, type Deps as ReorderDeps } from './reorder/commands.js'
import { reorderConsumers } from './reorder/consumers.js'
import { reorderEndpoints } from './reorder/routes.js'
import { suggestions } from './reorder/store.js'
import { nightlyStockCheck } from './selfCheck/nightly.js'
import { checkEndpoints } from './selfCheck/routes.js'
import type { Numbered } from './selfCheck/store.js'
import type { Stock } from './stock/stock.js'
import { startReservationSweeper } from './stock/sweeper.js'
import { stockEndpoints } from './stocks/routes.js'
import { transferEndpoints } from './transfers/routes.js'
import { transfers } from './transfers/store.js'
import { warehouseEndpoints } from './warehouses/routes.js'

export const stockMigrations: readonly Migration[] = [
  {
    id: '0008-stock-documents',
    collections: [adjustments, transfers, stockCounts, suggestions],
  },
]

type Needed = Pick<ReorderDeps, 'draftPurchase' | 'isDraft'> & {
  stock: Stock
  /** The documents whose numbers have no gaps. */
  numbered: readonly Numbered[]
}

/** Warehouses, and what is read and done about stock by itself. */
export const stockParts = (
  kit: ServiceKit<Settings>,
  { stock, numbered, draftPurchase, isDraft }: Needed,
): ServiceParts & { kinds: ApprovalKind[] } => {
  const { db, now, log, settings, calendar } = kit
  const currency = settings.DEFAULT_CURRENCY
  const correcting = { ...gateDepsOf(kit), stock }
  const reordering = { db, now, dayOf: calendar.dayOf, draftPurchase, isDraft }
  const checking = { db, numbered }
  return {
    endpoints: [
      ...warehouseEndpoints({ db, now }),
      ...adjustmentEndpoints(correcting),
      ...transferEndpoints({ db, now, stock, currency }),
      ...checkEndpoints(checking),
      ...stockEndpoints({ db, now, currency }),
      ...countEndpoints(correcting),
      ...alertEndpoints({ db }),
      ...reorderEndpoints(reordering),
      ...availabilityEndpoints({ db, now }),
    ],
    kinds: [adjustmentKind(correcting), countKind(correcting)],
    consumers: { 'inventory.reorder-events': reorderConsumers(reordering) },
    background: [
      () => startReservationSweeper({ db, now, stock, log }),
      () => startNightly(nightlyStockCheck({ ...checking, now, log, calendar })),
      () =>
        startNightly({
          ...{ db, now, log, calendar, work: 'reorder-suggestions', at: '02:30', missed: 'last' },
          run: (_, signal) => suggestForAll(reordering, signal),
        }),
    ],
  }
}
