import { ensureCollections } from '@countinghouse/shared/mongo/collection'
import type { ServiceDefinition } from '@countinghouse/shared/service'
import { cashEndpoints } from './cash/routes.js'
import { readSettings, type Settings } from './config.js'
import { disbursementConsumers } from './disbursements/consumers.js'
import { refusals } from './errors.js'
import { createLedger } from './ledger/ledger.js'
import { ledgerEndpoints } from './ledger/routes.js'
import { accounts, blocks, entries } from './ledger/store.js'
import { walletConsumers } from './wallets/consumers.js'
import { walletEndpoints } from './wallets/routes.js'

export const walletService: ServiceDefinition<Settings> = {
  name: 'wallet-service',
  readSettings,
  refusals,
  migrations: [{ id: '0001-ledger', up: (db) => ensureCollections(db, [accounts, blocks, entries]) }],
  build: ({ db, now, settings: { DEFAULT_CURRENCY: currency } }) => {
    const ledger = createLedger({ db, now })
    return {
      endpoints: [
        ...walletEndpoints({ db, currency }),
        ...cashEndpoints({ db, ledger, currency }),
        ...ledgerEndpoints({ db }),
      ],
      consumers: {
        'wallet.user-events': walletConsumers({ currency, now }),
        'wallet.loan-events': disbursementConsumers({ db, ledger, now }),
      },
    }
  },
}
