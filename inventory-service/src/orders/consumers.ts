import {
  paymentCanceled,
  paymentFailed,
  paymentSucceeded,
  refundFailed,
  refundSucceeded,
} from '@countinghouse/shared/contracts/payment'
import type { Handler } from '@countinghouse/shared/messaging/delivery'
import { paymentsFor } from '../paymentEvents.js'
import type { Deps } from './commands/deps.js'
import { noteFailure } from './commands/failure.js'
import { settlePaid } from './commands/settle.js'
import { notPaid, settleToldRefund } from './commands/sweep.js'

type OfRefund = { purpose: { id: string }; refund_id: string; amount_minor: bigint }

/** What becomes of the payments of orders, as wallet-service tells it; told twice, nothing happens twice. */
export const orderConsumers = (deps: Deps): Handler[] => {
  const hear = paymentsFor('order')
  const settleRefund = ({ purpose, refund_id: refundId, amount_minor: amountMinor }: OfRefund, isDone: boolean) =>
    settleToldRefund(deps, { orderNumber: purpose.id, refundId, amountMinor, status: isDone ? 'done' : 'failed' })
  return [
    hear(paymentSucceeded, ({ event: { data } }) =>
      settlePaid(deps, data.purpose.id, { paymentId: data.payment_id, amountMinor: data.amount_minor }),
    ),
    hear(paymentFailed, ({ event: { data } }) =>
      noteFailure(deps, data.purpose.id, { code: data.code, message: data.reason }),
    ),
    hear(paymentCanceled, ({ event: { data } }) => notPaid(deps, data.purpose.id)),
    hear(refundSucceeded, ({ event: { data } }) => settleRefund(data, true)),
    hear(refundFailed, ({ event: { data } }) => settleRefund(data, false)),
  ]
}
