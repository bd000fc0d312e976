import { Id, Timestamp, text } from '@countinghouse/shared/http/fields'
import { z } from 'zod'
import { webhookEventNames } from './eventNames.js'
import { DELIVERY_STATUSES, ENDPOINT_STATUSES, isWanted, type WebhookDelivery, type WebhookEndpoint } from './domain.js'
import type { WithSecret } from './commands.js'

const Filter = z
  .string()
  .max(100)
  .refine((filter) => webhookEventNames.some((name) => isWanted(name, [filter])), 'is no event, and no group of events')
  .meta({ example: 'wallet.*' })
const Events = z.array(Filter).min(1).max(50)
const Url = z.string().max(2_000).meta({ example: 'https://shop.example/hooks' })

export const EndpointBody = z.strictObject({
  url: Url,
  events: Events.default(['*']),
  description: text(200).optional(),
})

export const EndpointChange = z.strictObject({
  url: Url.optional(),
  events: Events.optional(),
  description: text(200).nullable().optional(),
  status: z.enum(['enabled', 'disabled']).optional(),
})

export const RotationBody = z.strictObject({
  overlap_hours: z.number().min(0).max(168).default(24).meta({ description: 'How long the secrets before it sign as well' }), // prettier-ignore
})

export const EndpointView = z.object({
  id: Id,
  owner_id: z.string().nullable(),
  url: z.string(),
  events: z.array(z.string()),
  description: z.string().nullable(),
  status: z.enum(ENDPOINT_STATUSES),
  last_success_at: Timestamp.nullable(),
  version: z.number().int(),
  created_at: Timestamp,
})
export const SecretView = EndpointView.extend({
  secret: z.string().meta({ description: 'What its deliveries are signed with; shown this once' }),
})

const AttemptView = z.object({
  at: Timestamp,
  status: z.number().nullable(),
  error: z.string().nullable(),
  answer: z.string().nullable(),
  took_ms: z.number(),
})

export const DeliveryView = z.object({
  id: Id,
  event_id: z.string(),
  type: z.string(),
  status: z.enum(DELIVERY_STATUSES),
  body: z.string(),
  attempts: z.array(AttemptView),
  next_attempt_at: Timestamp.nullable(),
  created_at: Timestamp,
})

const endpoint = {
  id: '019aa3f0-7c1e-7d4b-9b44-0d6a3e0f9a81',
  owner_id: 'user123',
  url: 'https://shop.example/hooks',
  events: ['wallet.*', 'remittance.completed'],
  description: 'The shop',
  status: 'enabled',
  last_success_at: null,
  version: 1,
  created_at: '2026-11-21T09:30:00.000Z',
}
const secret = { ...endpoint, secret: 'whsec_6m1Jt4fWlq0Zb3o9s7cX2yH5uE8nKd1vRtAiGpLwQzM' }
const delivery = {
  id: '019aa3f0-7c1e-7d4b-9b44-0d6a3e0f9a82',
  event_id: '019aa3f0-7c1e-7d4b-9b44-0d6a3e0f9a83',
  type: 'wallet.credited',
  status: 'delivered',
  body: '{"id":"019aa3f0-7c1e-7d4b-9b44-0d6a3e0f9a83","type":"wallet.credited","created_at":"2026-11-21T09:30:00.000Z","data":{"wallet_id":"019aa3f0-7c1e-7d4b-9b44-0d6a3e0f9a11","amount":250,"currency":"USD"}}',
  attempts: [{ at: '2026-11-21T09:30:00.500Z', status: 200, error: null, answer: 'ok', took_ms: 41 }],
  next_attempt_at: null,
  created_at: '2026-11-21T09:30:00.100Z',
}

export const examples = {
  add: { body: { url: endpoint.url, events: endpoint.events, description: 'The shop' }, view: secret },
  list: { view: [endpoint] },
  read: { view: endpoint },
  change: { body: { events: ['*'] }, view: { ...endpoint, events: ['*'], version: 2 } },
  rotate: { body: { overlap_hours: 24 }, view: { ...secret, version: 2 } },
  deliveries: { view: [delivery] },
  redeliver: {
    view: { ...delivery, status: 'pending', next_attempt_at: '2026-11-21T10:00:00.000Z' },
  },
}

export const toEndpointView = (one: WebhookEndpoint) => ({
  id: one._id,
  owner_id: one.ownerId,
  url: one.url,
  events: one.events,
  description: one.description,
  status: one.status,
  last_success_at: one.lastSuccessAt?.toISOString() ?? null,
  version: one.version,
  created_at: one.createdAt.toISOString(),
})

export const toSecretView = ({ endpoint: one, secret: shown }: WithSecret) => ({
  ...toEndpointView(one),
  secret: shown,
})

export const toDeliveryView = ({ _id, eventId, type, status, body, attempts, dueAt, createdAt }: WebhookDelivery) => ({
  id: _id,
  event_id: eventId,
  type,
  status,
  body,
  attempts: attempts.map(({ at, tookMs, ...attempt }) => ({ ...attempt, at: at.toISOString(), took_ms: tookMs })),
  next_attempt_at: dueAt?.toISOString() ?? null,
  created_at: createdAt.toISOString(),
})
