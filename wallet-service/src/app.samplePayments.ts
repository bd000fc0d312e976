import { wantsSampleData } from '@countinghouse/shared/config'
import { AlreadyAnswered, answerOf, answerWrite } from '@countinghouse/shared/idempotency'
import type { Log } from '@countinghouse/shared/log'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Background } from '@countinghouse/shared/service'
import type { Settings } from './config.js'
import { create } from './intents/commands/create.js'
import type { Deps as PaymentDeps } from './intents/commands/deps.js'
import { payments } from './payments/store.js'
import { requestRefund } from './refunds/commands/request.js'
import { send, type Deps as RemittanceDeps } from './remittances/commands.js'
import { remittances } from './remittances/store.js'
import { startSamplePayments } from './samplePayments/commands.js'

type Kit = { settings: Settings; log: Log; paying: PaymentDeps; remitting: RemittanceDeps }

const claimOf = (id: string) => ({ id, fingerprint: 'sample' })
const byUser = (userId: string) => ({ actor: `user:${userId}`, userId })
const nothing = () => []

/** What makes the payments of the examples, where sample data is wanted and nobody's money moves. */
export const sampleBackground = (kit: Kit): (() => Background)[] =>
  wantsSampleData(kit.settings) && isSandbox(kit.settings) ? [() => startSample(kit)] : []

// Only the sandbox is asked in the clear.
const isSandbox = ({ STRIPE_API_KEY: apiKey, STRIPE_API_URL: apiUrl }: Settings): boolean =>
  apiKey !== undefined && new URL(apiUrl).protocol === 'http:'

const startSample = ({ log, paying, remitting }: Kit): Background => {
  const { db, currency } = paying
  return startSamplePayments({
    log,
    // The remittance is the last of the samples.
    isInUse: async () =>
      (await readsOn(db).count(remittances, {})) > 0 ||
      (await readsOn(db).count(payments, { 'claim.id': { $not: /^sample:/ } })) > 0,
    topUp: ({ key, userId, amount, card }) => {
      const means = { paymentMethod: card, confirm: true, returnUrl: null, captureMethod: 'automatic' } as const
      const left = { userId: undefined, currency: undefined, purpose: undefined, authorization: undefined }
      const asked = { amount, ...means, ...left, description: 'Top-up by card' }
      return create(paying, { asked, by: byUser(userId), claim: claimOf(key) }, nothing)
    },
    refund: ({ key, userId, paymentId, amount }) => {
      const asked = { paymentId, amount, reason: 'requested_by_customer' }
      return requestRefund(paying, { asked, by: byUser(userId), claim: claimOf(key) }, nothing)
    },
    remit: async ({ key, userId, recipient, amount, description }) => {
      const asked = { amount, currency, recipient: { walletOrUser: recipient }, description }
      const once = answerWrite(claimOf(key), answerOf(201, { key }))
      await send(remitting, userId, asked, () => [once]).catch((error: unknown) => {
        if (!(error instanceof AlreadyAnswered)) throw error
      })
    },
  })
}
