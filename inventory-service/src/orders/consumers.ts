import {
  paymentCanceled,
  paymentFailed,
  paymentSucceeded,
  refundFailed,
  refundSucceeded,
} from '@countinghouse/shared/contracts/payment'
import { on, type Handler } from '@countinghouse/shared/messaging/delivery'
import type { Deps } from './commands/deps.js'
import { noteFailure } from './commands/failure.js'
import { settlePaid } from './commands/settle.js'
import { notPaid, settleToldRefund } from './commands/sweep.js'

/** What becomes of the payments of orders, as wallet-service tells it; told twice, nothing happens twice. */
export const orderConsumers = (deps: Deps): Handler[] => {
  const settleRefund =
    (status: 'done' | 'failed') => (data: { purpose: Purpose; refund_id: string; amount_minor: bigint }) =>
      settleToldRefund(deps, {
        orderNumber: data.purpose.id,
        refundId: data.refund_id,
        amountMinor: data.amount_minor,
        status,
      })
  return [
    on(paymentSucceeded, async ({ event: { data } }) => {
      if (isOrder(data.purpose))
        await settlePaid(deps, data.purpose.id, { paymentId: data.payment_id, amountMinor: data.amount_minor })
    }),
    on(paymentFailed, async ({ event: { data } }) => {
      if (isOrder(data.purpose)) await noteFailure(deps, data.purpose.id, { code: data.code, message: data.reason })
    }),
    on(paymentCanceled, async ({ event: { data } }) => {
      if (isOrder(data.purpose)) await notPaid(deps, data.purpose.id)
    }),
    on(refundSucceeded, async ({ event: { data } }) => {
      if (isOrder(data.purpose)) await settleRefund('done')(data)
    }),
    on(refundFailed, async ({ event: { data } }) => {
      if (isOrder(data.purpose)) await settleRefund('failed')(data)
    }),
  ]
}

type Purpose = { kind: string; id: string }

const isOrder = ({ kind }: Purpose): boolean => kind === 'order'
