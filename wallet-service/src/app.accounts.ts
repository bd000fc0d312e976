import { createVault } from '@countinghouse/shared/crypto'
import { createOutsideClient } from '@countinghouse/shared/http/outside'
import { createEmailOf } from '@countinghouse/shared/mail/recipient'
import type { CollectionDefinition } from '@countinghouse/shared/mongo/collection'
import { exponentOf } from '@countinghouse/shared/money'
import type { Background, ServiceKit, ServiceParts } from '@countinghouse/shared/service'
import type { Settings } from './config.js'
import type { Ledger } from './ledger/ledger.js'
import type { WalletBook } from './ledger/walletFacts.js'
import { accountSyncConsumers } from './linkedAccounts/consumers.js'
import { createHttpInstitution } from './linkedAccounts/institution.js'
import { createAccountReader } from './linkedAccounts/reading.js'
import { linkedAccountEndpoints } from './linkedAccounts/routes/accounts.js'
import { linkEndpoints } from './linkedAccounts/routes/links.js'
import { syncEndpoints } from './linkedAccounts/routes/syncs.js'
import { accountOwners, linkedAccounts } from './linkedAccounts/store/accounts.js'
import { accountLinks, linkSyncs } from './linkedAccounts/store/links.js'
import { accountMovements } from './linkedAccounts/store/movements.js'
import { accountSyncKind } from './linkedAccounts/sync/kind.js'
import { startReminder } from './linkedAccounts/sync/reminder.js'
import { renewSeals } from './linkedAccounts/sync/seals.js'
import type { PaymentProvider } from './payments/provider.js'
import { payoutChanged, startCourier } from './remittances/courier.js'
import { remittanceEndpoints } from './remittances/routes.js'
import { createSentOutBook, remittanceDays, remittances } from './remittances/store.js'
import { webhookConsumers } from './webhookEndpoints/consumers.js'
import { webhookEndpointEndpoints } from './webhookEndpoints/routes.js'
import { renewSecretSeals } from './webhookEndpoints/seals.js'
import { startWebhookSender } from './webhookEndpoints/sender.js'
import { webhookDeliveries, webhookEndpoints } from './webhookEndpoints/store.js'

export const linkedCollections: readonly CollectionDefinition<{ _id: string }>[] = [
  ...[accountOwners, linkedAccounts, accountLinks, linkSyncs, accountMovements],
]
export const webhookCollections: readonly CollectionDefinition<{ _id: string }>[] = [
  webhookEndpoints,
  webhookDeliveries,
]

export const remittanceCollections: readonly CollectionDefinition<{ _id: string }>[] = [remittances, remittanceDays]

type Kit = Pick<ServiceKit<Settings>, 'db' | 'redis' | 'now' | 'log' | 'settings'>

// Without the sandbox there is nobody to be connected to; accounts entered by hand need nobody.
const connectingOf = ({ ENCRYPTION_KEYS, INSTITUTION_URL: url }: Settings) => ({
  vault: createVault(ENCRYPTION_KEYS),
  institutions: url === undefined ? {} : { sandbox: createHttpInstitution('sandbox', url) },
})

/** The accounts that users have elsewhere. */
export const wireLinkedAccounts = ({ settings, db, redis, now }: Kit) => [
  ...linkEndpoints({ ...connectingOf(settings), db, now }),
  ...linkedAccountEndpoints({ db, reader: createAccountReader({ db, redis }), now }),
  ...syncEndpoints({ db, now }),
]

// How long after the death of a worker another may go on with its job.
const SYNC_LEASE_MS = 10_000

/** What a worker does that syncs them. */
export const wireSync = ({ settings, db, now, log }: Kit): ServiceParts => {
  const connecting = connectingOf(settings)
  const stopping = new AbortController()
  const kinds = [accountSyncKind({ ...connecting, db, now })]
  const background: (() => Background)[] = [
    () => startReminder({ db, log, now }),
    () => ({ stop: () => Promise.resolve(stopping.abort()) }),
  ]
  return {
    endpoints: [],
    consumers: {
      'wallet.account-syncs': accountSyncConsumers({ db, kinds, log, now, leaseMs: SYNC_LEASE_MS }, stopping.signal),
    },
    background,
    prepare: () => renewSeals({ db, vault: connecting.vault, log }),
  }
}

type Remitting = Omit<Kit, 'redis'> & Pick<ServiceKit, 'calendar'> & { ledger: Ledger; wallets: WalletBook; provider: PaymentProvider } // prettier-ignore

/** Money that users send, within the house and out of it. */
export const wireRemittances = ({ settings, calendar, provider, log, ...kit }: Remitting) => {
  const { DEFAULT_CURRENCY: currency, REMITTANCE_DAILY_LIMIT } = settings
  const dailyLimitMinor = REMITTANCE_DAILY_LIMIT * 10n ** BigInt(exponentOf(currency))
  const deps = { ...kit, dayOf: calendar.dayOf, dailyLimitMinor }
  return {
    endpoints: remittanceEndpoints({ ...deps, currency }),
    start: () => startCourier({ ...deps, provider, log }),
    payoutChanged: payoutChanged(deps),
    sentOut: createSentOutBook(kit.db),
    deps,
  }
}

/** Telling others of events; in production nothing leads back into our own networks, whatever the setting says. */
export const wireWebhooks = ({ settings, db, now, log }: Kit) => {
  const { AUTH_URL, ENCRYPTION_KEYS, NODE_ENV, WEBHOOKS_TO_LOOPBACK } = settings
  const allowLoopback = WEBHOOKS_TO_LOOPBACK === 'on' && NODE_ENV !== 'production'
  const outside = createOutsideClient({ allowLoopback })
  const deps = { vault: createVault(ENCRYPTION_KEYS), outside, emailOf: createEmailOf(AUTH_URL), db, now, log }
  return {
    endpoints: webhookEndpointEndpoints(deps),
    consumers: webhookConsumers(deps),
    start: () => startWebhookSender(deps),
    prepare: () => renewSecretSeals(deps),
  }
}
