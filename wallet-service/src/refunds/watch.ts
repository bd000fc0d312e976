import type { Log } from '@countinghouse/shared/log'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { Refusal } from '@countinghouse/shared/refusal'
import type { Background } from '@countinghouse/shared/service'
import { commitCompanions } from '@countinghouse/shared/mongo/companion'
import { startWatch } from '../payments/watch.js'
import type { Deps } from './commands/deps.js'
import { carryOut } from './commands/request.js'
import { getRefund } from './commands/save.js'
import { takeRefundSeen } from './commands/seen.js'
import { lookAfter, type Refund } from './domain.js'
import { findSilent, RefundChanged, refundUpdate } from './store.js'

/** Looks for news of refunds that stay silent. */
export const startRefundWatch = (deps: Deps & { log: Log }): Background =>
  startWatch(deps, {
    name: 'refunds',
    find: (limit) => findSilent(readsOn(deps.db), deps.now(), limit),
    look: (refund) => look(deps, refund),
  })

const look = async (deps: Deps, refund: Refund): Promise<void> => {
  try {
    if (refund.providerId === null) await carryOut(deps, refund, () => []).catch(unlessRefused)
    else await takeRefundSeen(deps, refund._id, await deps.provider.getRefund(refund.providerId), () => [])
  } finally {
    await noteLook(deps, refund)
  }
}

const noteLook = async ({ db, now }: Deps, { _id }: Refund): Promise<void> => {
  const before = await getRefund({ db }, _id)
  if (before.lookAt === null || before.lookAt > now()) return
  const looks = before.looks + 1
  const after = { ...before, looks, lookAt: lookAfter(looks, now()), version: before.version + 1 }
  await commitCompanions(db, [refundUpdate(before, after)]).catch((error: unknown) => {
    if (!(error instanceof RefundChanged)) throw error
  })
}

const unlessRefused = (error: unknown): void => {
  if (!(error instanceof Refusal) || error.status >= 500) throw error
}
