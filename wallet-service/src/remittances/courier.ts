import { faultPoint } from '@countinghouse/shared/fault'
import type { Log } from '@countinghouse/shared/log'
import { gauge } from '@countinghouse/shared/metrics'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { Refusal } from '@countinghouse/shared/refusal'
import { repeat } from '@countinghouse/shared/repeat'
import type { Background } from '@countinghouse/shared/service'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { ProviderRefused, providerEntryKey, type PaymentProvider, type ProviderPayout } from '../payments/provider.js'
import { accountsIn, advance, type Deps } from './commands.js'
import { mayBecome, payoutEntry, type Recipient, type Remittance } from './domain.js'
import { RemittanceChanged, claimDue, countRemittances, findRemittance, findUntaken } from './store.js'

export type CourierDeps = Deps & { provider: Pick<PaymentProvider, 'createPayout' | 'getPayout'>; log: Log }

const LOOK_EVERY_MS = 500
const MEASURE_EVERY_MS = 5_000

const onTheirWay = gauge('remittances_on_their_way', 'Remittances that the provider has not ended yet')
const unanswered = gauge(
  'remittances_unanswered_age_seconds',
  'Age of the oldest remittance that the provider has not taken',
)

/** Takes remittances to the provider and asks what became of them, each by one of the replicas at a time. */
export const startCourier = (deps: CourierDeps): Background => {
  const carrying = repeat({
    ...{ everyMs: LOOK_EVERY_MS, log: deps.log },
    work: async (signal) => {
      while (!signal.aborted && (await carryNext(deps)));
    },
    failure: 'Remittances could not be looked for; trying again',
  })
  const measuring = repeat({
    ...{ everyMs: MEASURE_EVERY_MS, work: () => measure(deps), log: deps.log },
    failure: 'The remittances could not be counted',
  })
  return { stop: async () => void (await Promise.all([carrying, measuring].map((one) => one.stop()))) }
}

const measure = async ({ db, now }: CourierDeps): Promise<void> => {
  onTheirWay.set(await countRemittances(readsOn(db), { status: 'processing' }))
  const oldest = await findUntaken(readsOn(db))
  unanswered.set(oldest ? (now().getTime() - oldest.createdAt.getTime()) / 1_000 : 0)
}

/** Takes one that is due a step further; false when none is. */
export const carryNext = async (deps: CourierDeps): Promise<boolean> => {
  const remittance = await claimDue(deps.db, deps.now())
  if (!remittance) return false
  await carry(deps, remittance).catch((error: unknown) => {
    // Its turn comes again: under the same key the provider does nothing twice.
    if (!isOvertaken(error)) deps.log.warn({ err: error, remittance: remittance._id }, 'A remittance must wait')
  })
  return true
}

const carry = async (deps: CourierDeps, remittance: Remittance): Promise<void> => {
  if (remittance.recipient.kind !== 'bank') return
  const { payoutId } = remittance
  if (payoutId !== null) return settle(deps, remittance, await deps.provider.getPayout(payoutId))
  // From here on nobody cancels it.
  const asked = remittance.status === 'pending' ? await begin(deps, remittance) : remittance
  const payout = await askFor(deps, asked, remittance.recipient)
  if (payout) await take(deps, asked, payout)
}

const begin = (deps: CourierDeps, remittance: Remittance): Promise<Remittance> =>
  advance(deps, remittance, { status: 'processing', reason: null })

const askFor = async (
  { provider, ...deps }: CourierDeps,
  remittance: Remittance,
  { account }: Extract<Recipient, { kind: 'bank' }>,
): Promise<ProviderPayout | undefined> => {
  const { _id: reference, amountMinor, currency, description } = remittance
  try {
    const order = { reference, amountMinor, currency, destination: account, description }
    const payout = await provider.createPayout(order, `remittance:${reference}`)
    faultPoint('remittance:provider-answered')
    return payout
  } catch (error) {
    if (!(error instanceof ProviderRefused)) throw error
    await advance(deps, remittance, { status: 'failed', reason: error.message })
    return undefined
  }
}

/** Writes down that the provider has it, and what it is by now. */
const take = async (deps: CourierDeps, remittance: Remittance, payout: ProviderPayout): Promise<void> => {
  const parts = { entryId: uuidv7(), actor: 'service:wallet-service', key: providerEntryKey(payout.id, 'payout') }
  const drafts = [payoutEntry(remittance, accountsIn(remittance.currency), parts)]
  const taken = await advance(deps, remittance, { status: 'processing', reason: null, payoutId: payout.id, drafts })
  await settle(deps, taken, payout)
}

/** What a payout's status means for its remittance. */
const OUTCOMES = {
  pending: undefined,
  in_transit: undefined,
  paid: 'completed',
  failed: 'failed',
  canceled: 'failed',
} as const

const settle = async (deps: Deps, remittance: Remittance, payout: ProviderPayout): Promise<void> => {
  const outcome = OUTCOMES[payout.status]
  if (outcome === undefined) return
  // A bank may send back what was paid already.
  const status = outcome === 'failed' && remittance.status === 'completed' ? 'returned' : outcome
  if (mayBecome(remittance, status)) await advance(deps, remittance, { status, reason: payout.failureReason })
}

/** Takes what the provider says of a payout; in any order, and as often as it likes. */
export const payoutChanged =
  (deps: Deps) =>
  async (payout: ProviderPayout): Promise<void> => {
    for (;;) {
      const remittance =
        payout.reference === null ? undefined : await findRemittance(readsOn(deps.db), payout.reference)
      // Before we have written down that the provider has it, the courier does both.
      if (!remittance || remittance.payoutId !== payout.id) return
      try {
        await settle(deps, remittance, payout)
        return
      } catch (error) {
        if (!isOvertaken(error)) throw error
      }
    }
  }

const isOvertaken = (error: unknown): boolean =>
  error instanceof RemittanceChanged || (error instanceof Refusal && error.code === 'entry_exists')
