import { countStates, type Saga } from '@countinghouse/shared/ops/sagas'
import { PAYMENT_STATUSES } from '../payments/domain/payment.js'
import { findOverdue, payments } from '../payments/store.js'

/** A payment from its beginning to its end; stuck when the provider stays silent, or what it says cannot be carried out. */
export const paymentSaga: Saga = {
  name: 'payment',
  states: (reads) => countStates(reads, payments, PAYMENT_STATUSES),
  stuck: async (reads, now, limit) =>
    (await findOverdue(reads, now, limit)).map(({ _id, status, asked, lastError, createdAt }) => ({
      ...{ id: _id, state: asked === null ? status : `${status}, asked to ${asked.ask.kind}` },
      ...{ since: asked?.at ?? createdAt, reason: lastError?.message ?? 'There is no news of it' },
    })),
}
