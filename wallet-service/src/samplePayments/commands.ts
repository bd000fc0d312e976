import type { Log } from '@countinghouse/shared/log'
import { Refusal } from '@countinghouse/shared/refusal'
import { repeat } from '@countinghouse/shared/repeat'
import type { Background } from '@countinghouse/shared/service'
import { SAMPLE_PAYMENTS, SAMPLE_REMITTANCE, type SamplePayment } from './domain.js'

/** What the service does for anybody, as far as the sample data needs it; each once for its key. */
export type Deps = {
  log: Log
  /** True when somebody has paid here before. */
  isInUse: () => Promise<boolean>
  topUp: (payment: Pick<SamplePayment, 'key' | 'userId' | 'amount' | 'card'>) => Promise<{ _id: string }>
  refund: (refund: { key: string; userId: string; paymentId: string; amount: number }) => Promise<unknown>
  remit: (remittance: typeof SAMPLE_REMITTANCE) => Promise<unknown>
}

const TRY_EVERY_MS = 1_000

/** Makes the sample payments as soon as the wallets are open and the sandbox answers, on a system where nobody has paid. */
export const startSamplePayments = (deps: Deps): Background => {
  let isDone = false
  return repeat({
    everyMs: TRY_EVERY_MS,
    work: async () => {
      isDone ||= (await deps.isInUse()) || (await loadSamplePayments(deps))
    },
    log: deps.log,
    failure: 'The sample payments could not be made; trying again',
  })
}

/** True when all are made; false while something that they need is not there yet. */
const loadSamplePayments = async (deps: Deps): Promise<boolean> => {
  try {
    for (const payment of SAMPLE_PAYMENTS) await load(deps, payment)
    await deps.remit(SAMPLE_REMITTANCE)
    return true
  } catch (error) {
    if (error instanceof Refusal && NOT_YET.includes(error.code)) return false
    throw error
  }
}

const NOT_YET = ['wallet_not_found', 'dependency_unavailable']

const load = async (deps: Deps, { refund: amount, ...payment }: SamplePayment): Promise<void> => {
  const made = await deps.topUp(payment).catch((error: unknown) => {
    if (!(error instanceof Refusal) || error.code !== 'payment_declined') throw error
  })
  const { key, userId } = payment
  if (made && amount !== undefined) await deps.refund({ key: `${key}:refund`, userId, paymentId: made._id, amount })
}
