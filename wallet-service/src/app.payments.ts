import { createServiceClient } from '@countinghouse/shared/http/client'
import type { CollectionDefinition } from '@countinghouse/shared/mongo/collection'
import type { Background, ServiceKit } from '@countinghouse/shared/service'
import type { Settings } from './config.js'
import { takeDisputeSeen } from './disputes/commands.js'
import { disputeEndpoints } from './disputes/routes.js'
import { disputes } from './disputes/store.js'
import { startDisputeWatch } from './disputes/watch.js'
import { createHolding } from './holds/holding.js'
import { createLoans } from './intents/loans.js'
import { intentEndpoints } from './intents/routes.js'
import { startPaymentWatch } from './intents/watch.js'
import type { Ledger } from './ledger/ledger.js'
import type { WalletBook } from './ledger/walletFacts.js'
import type { PaymentProvider, ProviderPayout } from './payments/provider.js'
import type { SentOutBook } from './payments/sentOut.js'
import { payments } from './payments/store.js'
import { createStripeProvider } from './payments/stripe/adapter.js'
import { reconcileByNight } from './providerBooks/commands.js'
import { providerBookEndpoints } from './providerBooks/routes.js'
import { providerEventEndpoints } from './providerEvents/routes.js'
import { dueEvents, providerEvents } from './providerEvents/store.js'
import { startEventHandling } from './providerEvents/watch.js'
import { takeToldRefund } from './refunds/commands/seen.js'
import { refundEndpoints } from './refunds/routes.js'
import { refunds } from './refunds/store.js'
import { startRefundWatch } from './refunds/watch.js'

export const paymentCollections: readonly CollectionDefinition<{ _id: string }>[] = [
  ...[payments, refunds, disputes, providerEvents, dueEvents],
]

export const createProvider = ({ STRIPE_API_KEY: apiKey, STRIPE_API_URL: apiUrl }: Settings): PaymentProvider =>
  createStripeProvider(apiKey === undefined ? undefined : { apiKey, apiUrl })

type Kit = Pick<ServiceKit<Settings>, 'db' | 'now' | 'log' | 'settings' | 'serviceToken'> & {
  ledger: Ledger
  wallets: WalletBook
  provider: PaymentProvider
  payoutChanged: (payout: ProviderPayout) => Promise<unknown>
  sentOut: SentOutBook
}

/** All that has to do with money at the payment provider. */
export const wirePayments = ({ settings, serviceToken, payoutChanged, ...kit }: Kit) => {
  const { LOAN_URL, DEFAULT_CURRENCY: currency, STRIPE_WEBHOOK_SECRETS: secrets = [] } = settings
  const loanClient = LOAN_URL === undefined ? undefined : createServiceClient('loan-service', LOAN_URL, serviceToken)
  const intentDeps = { ...kit, currency, holding: createHolding(kit), loans: createLoans(loanClient) }
  const takers = {
    refund: (refund: Parameters<typeof takeToldRefund>[1]) => takeToldRefund(kit, refund),
    dispute: (dispute: Parameters<typeof takeDisputeSeen>[1]) => takeDisputeSeen(kit, dispute),
    payout: payoutChanged,
  }
  const background: (() => Background)[] = [
    () => startPaymentWatch(intentDeps),
    () => startRefundWatch(kit),
    () => startDisputeWatch(kit),
    () => startEventHandling({ ...kit, secrets, takers }),
  ]
  return {
    endpoints: [
      ...intentEndpoints(intentDeps),
      ...refundEndpoints(kit),
      ...disputeEndpoints(kit),
      ...providerEventEndpoints({ ...kit, secrets }),
      ...providerBookEndpoints(kit),
    ],
    background,
    deps: intentDeps,
    byNight: () => reconcileByNight(kit, kit.log),
  }
}
