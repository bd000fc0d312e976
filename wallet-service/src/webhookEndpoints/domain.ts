/** Where somebody wants to hear of events, and of which. */
export type WebhookEndpoint = {
  _id: string
  /** The user whose events it gets; null for one of the house, which gets all. */
  ownerId: string | null
  /** Whom to write to when it is given up; null when nobody could tell. */
  email: string | null
  url: string
  /** `*`, `wallet.*` or `wallet.credited`. */
  events: string[]
  description: string | null
  status: EndpointStatus
  /** Encrypted; while one replaces another, both sign. */
  secrets: EndpointSecret[]
  lastSuccessAt: Date | null
  version: number
  createdAt: Date
}

export const ENDPOINT_STATUSES = ['enabled', 'disabled', 'failing'] as const
export type EndpointStatus = (typeof ENDPOINT_STATUSES)[number]
export type EndpointSecret = { sealed: string; expiresAt: Date | null }

export const DELIVERY_STATUSES = ['pending', 'delivered', 'failed'] as const
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number]

/** One try: what the other side answered, or why it did not. */
export type Attempt = { at: Date; status: number | null; error: string | null; answer: string | null; tookMs: number }

/** One event on its way to one endpoint. */
export type WebhookDelivery = {
  _id: string
  endpointId: string
  eventId: string
  type: string
  body: string
  status: DeliveryStatus
  attempts: Attempt[]
  /** Since when it is tried, this time. */
  triedSince: Date
  tries: number
  dueAt: Date | null
  createdAt: Date
}

/** `wallet.credited` is wanted by `*`, `wallet.*` and itself. */
export const isWanted = (type: string, filters: readonly string[]): boolean =>
  filters.some((filter) => filter === '*' || filter === type || filter === `${type.split('.', 1)[0] ?? ''}.*`)

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const GAPS_MS = [10 * SECOND_MS, MINUTE_MS, 5 * MINUTE_MS, 30 * MINUTE_MS, 2 * HOUR_MS, 5 * HOUR_MS, 10 * HOUR_MS]
const LONGEST_GAP_MS = 12 * HOUR_MS
const GIVEN_UP_AFTER_MS = 72 * HOUR_MS

/** When the next try is due after so many; undefined when three days are over. */
export const nextTry = (tries: number, triedSince: Date, now: Date): Date | undefined => {
  const next = now.getTime() + (GAPS_MS[tries - 1] ?? LONGEST_GAP_MS)
  const end = triedSince.getTime() + GIVEN_UP_AFTER_MS
  if (now.getTime() >= end) return undefined
  return new Date(Math.min(next, end))
}

/** What a try makes of its delivery. */
export const afterTry = (delivery: WebhookDelivery, attempt: Attempt, now: Date): WebhookDelivery => {
  const attempts = [...delivery.attempts, attempt].slice(-ATTEMPTS_KEPT)
  if (attempt.status !== null && attempt.status >= 200 && attempt.status < 300)
    return { ...delivery, attempts, status: 'delivered', dueAt: null }
  const dueAt = nextTry(delivery.tries, delivery.triedSince, now)
  return { ...delivery, attempts, status: dueAt ? 'pending' : 'failed', dueAt: dueAt ?? null }
}

const ATTEMPTS_KEPT = 30

/** Nothing got through to an endpoint for as long as this delivery was tried. */
export const isGivenUp = ({ lastSuccessAt }: WebhookEndpoint, { triedSince, status }: WebhookDelivery): boolean =>
  status === 'failed' && (lastSuccessAt === null || lastSuccessAt < triedSince)

/** A new secret, beside which the ones before it sign for a while. */
export const rotate = (
  secrets: readonly EndpointSecret[],
  { sealed, overlapMs }: { sealed: string; overlapMs: number },
  now: Date,
): EndpointSecret[] => {
  const ends = new Date(now.getTime() + overlapMs)
  const earlier = secrets
    .filter(({ expiresAt }) => expiresAt === null || expiresAt > now)
    .map((secret) => ({ ...secret, expiresAt: secret.expiresAt !== null && secret.expiresAt < ends ? secret.expiresAt : ends })) // prettier-ignore
  return [{ sealed, expiresAt: null }, ...earlier].slice(0, SECRETS_MAX).filter(({ expiresAt }) => expiresAt === null || expiresAt > now) // prettier-ignore
}

const SECRETS_MAX = 3
