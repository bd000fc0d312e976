import { z } from 'zod'
import { MinorUnits, defineEvent } from '../messaging/event.js'

const remittanceEvent = (name: string) =>
  defineEvent(
    `remittance.${name}`,
    1,
    'wallet-service',
    z.object({
      remittance_id: z.string(),
      /** Who sent it. */
      user_id: z.string(),
      wallet_id: z.string(),
      recipient_kind: z.enum(['wallet', 'bank']),
      amount_minor: MinorUnits,
      currency: z.string(),
      reason: z.string().nullable(),
      changed_at: z.iso.datetime(),
    }),
  )

/** Money left a wallet and waits for the provider. */
export const remittanceSent = remittanceEvent('sent')
/** The provider is being asked, or has it. */
export const remittanceTaken = remittanceEvent('taken')
/** It has arrived. */
export const remittanceCompleted = remittanceEvent('completed')
/** It could not be paid out; the money is back in the wallet, as it is after the two that follow. */
export const remittanceFailed = remittanceEvent('failed')
export const remittanceCancelled = remittanceEvent('cancelled')
export const remittanceReturned = remittanceEvent('returned')

/** What is announced when a remittance comes to a status. */
export const remittanceChanged = {
  pending: remittanceSent,
  processing: remittanceTaken,
  completed: remittanceCompleted,
  failed: remittanceFailed,
  cancelled: remittanceCancelled,
  returned: remittanceReturned,
} as const
