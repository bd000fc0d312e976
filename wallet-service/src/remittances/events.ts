import { remittanceChanged } from '@countinghouse/shared/contracts/remittance'
import { newEvent, type Envelope } from '@countinghouse/shared/messaging/event'
import type { Remittance } from './domain.js'

/** A remittance has come to its present status. */
export const remittanceEvent = (remittance: Remittance): Envelope => {
  const { _id, userId, walletId, recipient, amountMinor, currency, status, history } = remittance
  const last = history.at(-1)
  return newEvent(remittanceChanged[status], _id, {
    remittance_id: _id,
    user_id: userId,
    wallet_id: walletId,
    recipient_kind: recipient.kind,
    amount_minor: amountMinor,
    currency,
    reason: last?.reason ?? null,
    changed_at: (last?.at ?? remittance.createdAt).toISOString(),
  })
}
