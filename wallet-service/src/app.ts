import { ensureCollections } from '@countinghouse/shared/mongo/collection'
import type { ServiceDefinition } from '@countinghouse/shared/service'
import { accountEndpoints } from './accounts/routes.js'
import { booksConsumers } from './books/consumers.js'
import { cashEndpoints } from './cash/routes.js'
import { readSettings, type Settings } from './config.js'
import { disbursementConsumers } from './disbursements/consumers.js'
import { entryEndpoints } from './entries/routes.js'
import { refusals } from './errors.js'
import { holdEndpoints } from './holds/routes.js'
import { holds } from './holds/store.js'
import { startHoldSweeper } from './holds/sweeper.js'
import { checkpoints } from './ledger/checkpoints.js'
import { createLedger } from './ledger/ledger.js'
import { ledgerEndpoints } from './ledger/routes.js'
import { createWalletBook } from './ledger/walletFacts.js'
import { accounts, blocks, entries } from './ledger/store.js'
import { reconcileAndLog } from './reconciliation/commands.js'
import { reconciliationEndpoints } from './reconciliation/routes.js'
import { derivations } from './reconciliation/store.js'
import { reversalEndpoints } from './reversals/routes.js'
import { reversals } from './reversals/store.js'
import { seal } from './seals/commands.js'
import { createSigner } from './seals/note.js'
import { sealEndpoints } from './seals/routes.js'
import { startSealing } from './seals/sealing.js'
import { seals, stretches } from './seals/store.js'
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
    { id: '0002-proofs', up: (db) => ensureCollections(db, [seals, stretches, derivations]) },
  ],
  build: ({ db, now, log, calendar, settings }) => {
    const { DEFAULT_CURRENCY: currency, BUSINESS_TIMEZONE: timeZone, SERVICE_CLIENT_SECRET } = settings
    const sealing = { db, now, signer: createSigner(SERVICE_CLIENT_SECRET) }
    const afterVerification = async () => {
      await reconcileAndLog({ db, holds }, log)
      await seal(sealing)
    }
    const ledger = createLedger({ db, now })
    const wallets = createWalletBook(db)
    return {
      endpoints: [
        ...walletEndpoints({ db, currency }),
        ...cashEndpoints({ ledger, wallets, currency }),
        ...ledgerEndpoints({ db }),
        ...transferEndpoints({ db, ledger, wallets, now, currency }),
        ...holdEndpoints({ db, ledger, wallets, now, currency }),
        ...reversalEndpoints({ db, ledger }),
        ...entryEndpoints({ db, ledger }),
        ...accountEndpoints({ db }),
        ...walletAdminEndpoints({ now }),
        ...statementsEndpoints({ db, now, currency, timeZone }),
        ...verificationEndpoints({ db, now }),
        ...reconciliationEndpoints({ db, holds }),
        ...sealEndpoints(sealing),
      ],
      consumers: {
        'wallet.user-events': walletConsumers({ currency, now }),
        'wallet.loan-events': disbursementConsumers({ db, ledger, now }),
        'wallet.books-events': booksConsumers({ db, ledger }),
      },
      background: [
        () => startHoldSweeper({ db, ledger, wallets, now, log }),
        () => startNightlyVerification({ db, now, calendar, log, andThen: afterVerification }),
        () => startSealing({ ...sealing, log }),
      ],
    }
  },
}
