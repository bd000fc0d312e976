import { wantsSampleData } from '@countinghouse/shared/config'
import type { Migration } from '@countinghouse/shared/mongo/migrations'
import type { ServiceDefinition } from '@countinghouse/shared/service'
import { accountEndpoints } from './accounts/routes.js'
import { linkedCollections, remittanceCollections, webhookCollections, wireLinkedAccounts, wireRemittances, wireSync, wireWebhooks } from './app.accounts.js' // prettier-ignore
import { createProvider, paymentCollections, wirePayments } from './app.payments.js'
import { sampleBackground } from './app.samplePayments.js'
import { booksConsumers } from './books/consumers.js'
import { cashEndpoints } from './cash/routes.js'
import { readSettings, type Settings } from './config.js'
import { disbursementConsumers } from './disbursements/consumers.js'
import { entryEndpoints } from './entries/routes.js'
import { refusals } from './errors.js'
import { holdEndpoints } from './holds/routes.js'
import { holds } from './holds/store.js'
import { startHoldSweeper } from './holds/sweeper.js'
import { paymentSaga } from './intents/desk.js'
import { checkpoints } from './ledger/checkpoints.js'
import { createLedger } from './ledger/ledger.js'
import { ledgerEndpoints } from './ledger/routes.js'
import { createWalletBook } from './ledger/walletFacts.js'
import { accounts, blocks, entries } from './ledger/store.js'
import { loadSampleAccounts } from './linkedAccounts/sample.js'
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
import { shownVerification } from './verification/desk.js'
import { startNightlyVerification } from './verification/nightly.js'
import { verificationEndpoints } from './verification/routes.js'
import { verifications } from './verification/store.js'
import { walletAdminEndpoints } from './wallets/adminRoutes.js'
import { walletConsumers } from './wallets/consumers.js'
import { walletEndpoints } from './wallets/routes.js'

const ledgerCollections = [accounts, blocks, entries, holds, reversals, batches, batchItems, checkpoints, verifications]
const migrations: readonly Migration[] = [
  { id: '0001-ledger', collections: ledgerCollections },
  { id: '0002-proofs', collections: [seals, stretches, derivations] },
  { id: '0003-linked-accounts', collections: linkedCollections },
  { id: '0004-remittances', collections: remittanceCollections },
  { id: '0005-payments', collections: paymentCollections },
  { id: '0006-webhooks', collections: webhookCollections },
]

export const walletService: ServiceDefinition<Settings> = {
  name: 'wallet-service',
  readSettings,
  refusals,
  migrations,
  build: ({ db, redis, now, log, calendar, settings, serviceToken }) => {
    const { DEFAULT_CURRENCY: currency, BUSINESS_TIMEZONE: timeZone, SERVICE_CLIENT_SECRET } = settings
    const sealing = { db, now, signer: createSigner(SERVICE_CLIENT_SECRET) }
    const ledger = createLedger({ db, now })
    const wallets = createWalletBook(db)
    const provider = createProvider(settings)
    const remitting = wireRemittances({ db, ledger, wallets, now, log, settings, calendar, provider })
    const webhooks = wireWebhooks({ db, redis, now, log, settings })
    const payments = wirePayments({
      ...{ db, now, log, settings, serviceToken, ledger, wallets, provider },
      ...{ payoutChanged: remitting.payoutChanged, sentOut: remitting.sentOut },
    })
    const afterVerification = async () => {
      await reconcileAndLog({ db, holds }, log)
      await seal(sealing)
      await payments.byNight()
    }
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
        ...payments.endpoints,
        ...webhooks.endpoints,
        ...remitting.endpoints,
        ...wireLinkedAccounts({ db, redis, now, log, settings }),
      ],
      consumers: {
        'wallet.user-events': walletConsumers({ currency, now }),
        'wallet.loan-events': disbursementConsumers({ db, ledger, now }),
        'wallet.books-events': booksConsumers({ db, ledger }),
        'wallet.webhook-events': webhooks.consumers,
      },
      sagas: [paymentSaga],
      shown: { verification: shownVerification },
      background: [
        () => startHoldSweeper({ db, ledger, wallets, now, log }),
        () => startNightlyVerification({ db, now, calendar, log, andThen: afterVerification }),
        () => startSealing({ ...sealing, log }),
        webhooks.start,
        remitting.start,
        ...payments.background,
        ...sampleBackground({ settings, log, paying: payments.deps, remitting: remitting.deps }),
      ],
      prepare: async () => {
        await webhooks.prepare()
        if (wantsSampleData(settings)) await loadSampleAccounts({ db, now })
      },
    }
  },
}

/** The workers that sync linked accounts: processes of their own beside the service, as many as there is work for. */
export const walletSync: ServiceDefinition<Settings> = {
  name: 'wallet-service',
  readSettings,
  refusals,
  migrations,
  build: wireSync,
}
