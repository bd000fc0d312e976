import type { EventContract } from '@countinghouse/shared/messaging/event'
import { QUEUES } from '@countinghouse/shared/messaging/topology'
import { nameOf } from './payload.js'

/** The events that endpoints can hear of. */
export const webhookContracts: readonly EventContract[] = QUEUES['wallet.webhook-events']
export const webhookEventNames: readonly string[] = webhookContracts.map(({ type }) => nameOf(type))
