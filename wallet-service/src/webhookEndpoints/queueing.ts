import type { Envelope } from '@countinghouse/shared/messaging/event'
import type { Tx } from '@countinghouse/shared/mongo/transaction'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { isWanted, type WebhookDelivery } from './domain.js'
import { nameOf, toBody } from './payload.js'
import { endpointsFor, webhookDeliveries } from './store.js'

/** Queues an event for those of its user's endpoints, and of the house's, that want it. */
export const queueDeliveries = async (tx: Tx, event: Envelope, now: Date): Promise<void> => {
  const { user_id: userId } = event.data as { user_id?: string | null }
  const type = nameOf(event.type)
  const body = toBody(event)
  const wanting = (await endpointsFor(tx, userId ?? undefined)).filter(({ events }) => isWanted(type, events))
  const due = { status: 'pending', attempts: [], triedSince: now, tries: 0, dueAt: now, createdAt: now } as const
  const deliveries = wanting.map(({ _id: endpointId }): WebhookDelivery => ({ _id: uuidv7(now.getTime()), endpointId, eventId: event.id, type, body, ...due, attempts: [] })) // prettier-ignore
  if (deliveries.length > 0) await tx.insert(webhookDeliveries, ...deliveries)
}
