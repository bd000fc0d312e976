import { ensureCollections } from '@countinghouse/shared/mongo/collection'
import type { ServiceDefinition } from '@countinghouse/shared/service'
import { accountEndpoints } from './accounts/routes.js'
import { cashEndpoints } from './cash/routes.js'
import { readSettings, type Settings } from './config.js'
import { disbursementConsumers } from './disbursements/consumers.js'
import { handEntryEndpoints } from './entries/routes.js'
import { refusals } from './errors.js'
import { holdEndpoints } from './holds/routes.js'
import { holds } from './holds/store.js'
import { startHoldSweeper } from './holds/sweeper.js'
import { checkpoints } from './ledger/checkpoints.js'
import { createLedger } from './ledger/ledger.js'
import { ledgerEndpoints } from './ledger/routes.js'
import { accounts, blocks, entries } from './ledger/store.js'
import { reconcileAndLog } from './reconciliation/commands.js'
import { reconciliationEndpoints } from './reconciliation/routes.js'
import { reversalEndpoints } from './reversals/routes.js'
import { reversals } from './reversals/store.js'
import { statementsEndpoints } from './statements/routes.js'
import { transferEndpoints } from './transfers/routes.js'
import { batchItems, batches } from './transfers/store.js'
import { startNightlyVerification } from './verification/nightly.js'
import { verificationEndpoints } from './verification/routes.js'
import { verifications } from './verification/store.js'
import { walletAdminEndpoints } from './wallets/adminRoutes.js'
import { walletConsumers } from './wallets/consumers.js'
import { walletEndpoints } from './wallets/routes.js'

export const walletService: ServiceDefinition<Settings> = {
  name: 'wallet-service',
  readSettings,
  refusals,
  migrations: [
    {
      id: '0001-ledger',
      up: (db) =>
        ensureCollections(db, [
          accounts,
          blocks,
          entries,
          holds,
          reversals,
          batches,
          batchItems,
          checkpoints,
          verifications,
        ]),
    },
  ],
  build: ({ db, now, log, settings: { DEFAULT_CURRENCY: currency, BUSINESS_TIMEZONE: timeZone } }) => {
    const ledger = createLedger({ db, now })
    return {
      endpoints: [
        ...walletEndpoints({ db, currency }),
        ...cashEndpoints({ db, ledger, currency }),
        ...ledgerEndpoints({ db }),
        ...transferEndpoints({ db, ledger, now, currency }),
        ...holdEndpoints({ db, ledger, now, currency }),
        ...reversalEndpoints({ db, ledger }),
        ...handEntryEndpoints({ db, ledger }),
        ...accountEndpoints({ db }),
        ...walletAdminEndpoints({ now }),
        ...statementsEndpoints({ db, now, currency, timeZone }),
        ...verificationEndpoints({ db, now }),
        ...reconciliationEndpoints({ db, holds }),
      ],
      consumers: {
        'wallet.user-events': walletConsumers({ currency, now }),
        'wallet.loan-events': disbursementConsumers({ db, ledger, now }),
      },
      background: [
        () => startHoldSweeper({ db, ledger, now, log }),
        () => startNightlyVerification({ db, now, timeZone, log, andThen: () => reconcileAndLog({ db, holds }, log) }),
      ],
    }
  },
}
