import type { Vault } from '@countinghouse/shared/crypto'
import { AddressRefused, type OutsideClient } from '@countinghouse/shared/http/outside'
import { readsOn, type Reads, type Tx } from '@countinghouse/shared/mongo/transaction'
import { refuse as refuseCommon } from '@countinghouse/shared/refusal'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { Connection } from 'mongoose'
import { refuse } from '../errors.js'
import { rotate, type WebhookDelivery, type WebhookEndpoint } from './domain.js'
import { newSecret } from './signature.js'
import { countEndpoints, findEndpoint, webhookDeliveries, webhookEndpoints } from './store.js'

export type Deps = {
  db: Connection
  vault: Vault
  outside: OutsideClient
  emailOf: (authorization: string | undefined) => Promise<string | null>
  now: () => Date
}

/** An endpoint with the secret that it just got, which nobody sees again. */
export type WithSecret = { endpoint: WebhookEndpoint; secret: string }

const ENDPOINTS_MAX = 20

/** Says what a sealed secret belongs to, so that it opens nowhere else. */
export const sealContextOf = ({ _id }: Pick<WebhookEndpoint, '_id'>): string => `webhook-endpoint:${_id}`

/** Refuses an address that is not on the public internet; it is looked at again before each call. */
export const assertOutside = async ({ outside }: Pick<Deps, 'outside'>, url: string): Promise<void> => {
  try {
    await outside.check(url)
  } catch (error) {
    if (error instanceof AddressRefused) throw refuse('webhook_url_refused', { reason: error.message })
    throw error
  }
}

export type AskedEndpoint = Pick<WebhookEndpoint, 'url' | 'events' | 'description' | 'ownerId' | 'email'>

export const addEndpoint = async (tx: Tx, { vault, now }: Deps, asked: AskedEndpoint): Promise<WithSecret> => {
  if ((await countEndpoints(tx, asked.ownerId ?? undefined)) >= ENDPOINTS_MAX && asked.ownerId !== null)
    throw refuse('webhook_endpoints_limit', { limit: ENDPOINTS_MAX })
  const _id = uuidv7()
  const secret = newSecret()
  const secrets = [{ sealed: vault.seal(secret, sealContextOf({ _id })), expiresAt: null }]
  const state = { status: 'enabled', secrets, lastSuccessAt: null, version: 1, createdAt: now() } as const
  const endpoint: WebhookEndpoint = { _id, ...asked, ...state, secrets }
  await tx.insert(webhookEndpoints, endpoint)
  return { endpoint, secret }
}

/** Which endpoint, and whose it has to be. */
export type Which = { id: string; ownerId: string | undefined }

export const getEndpoint = async (reads: Reads, { id, ownerId }: Which): Promise<WebhookEndpoint> => {
  const endpoint = await findEndpoint(reads, id)
  if (!endpoint || (ownerId !== undefined && endpoint.ownerId !== ownerId))
    throw refuse('webhook_endpoint_not_found', { endpoint_id: id })
  return endpoint
}

/** The address to write to of an endpoint that has none, asked for while its owner is there to ask with. */
export const findMissingEmail = async (
  { db, emailOf }: Deps,
  which: Which,
  authorization: string | undefined,
): Promise<string | undefined> => {
  const { email, ownerId } = await getEndpoint(readsOn(db), which)
  const isOwners = ownerId === (which.ownerId ?? null)
  return !email && isOwners ? ((await emailOf(authorization)) ?? undefined) : undefined
}

export type EndpointChanges = {
  [Name in 'url' | 'events' | 'description' | 'status' | 'email']?: WebhookEndpoint[Name] | undefined
}

export const editEndpoint = async (
  tx: Tx,
  which: Which,
  { changes, ifMatch }: { changes: EndpointChanges; ifMatch: number | undefined },
): Promise<WebhookEndpoint> => {
  const before = await getEndpoint(tx, which)
  if (ifMatch !== undefined && ifMatch !== before.version) throw refuseCommon('version_conflict')
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
  const after = { ...before, ...given, version: before.version + 1 }
  await tx.replace(webhookEndpoints, after)
  return after
}

export const removeEndpoint = async (tx: Tx, which: Which): Promise<void> => {
  const { _id } = await getEndpoint(tx, which)
  await tx.remove(webhookEndpoints, { _id })
  await tx.remove(webhookDeliveries, { endpointId: _id })
}

export const rotateSecret = async (
  tx: Tx,
  { vault, now }: Deps,
  which: Which,
  overlapMs: number,
): Promise<WithSecret> => {
  const before = await getEndpoint(tx, which)
  const secret = newSecret()
  const secrets = rotate(before.secrets, { sealed: vault.seal(secret, sealContextOf(before)), overlapMs }, now())
  const endpoint = { ...before, secrets, version: before.version + 1 }
  await tx.replace(webhookEndpoints, endpoint)
  return { endpoint, secret }
}

/** Sends it once more, beginning anew whatever came of it. */
export const redeliver = async (tx: Tx, which: Which, deliveryId: string, now: Date): Promise<WebhookDelivery> => {
  const { _id: endpointId } = await getEndpoint(tx, which)
  const delivery = await tx.findOne(webhookDeliveries, { _id: deliveryId, endpointId })
  if (!delivery) throw refuse('webhook_delivery_not_found', { delivery_id: deliveryId })
  const again = { status: 'pending', dueAt: now, triedSince: now, tries: 0 } as const
  await tx.update(webhookDeliveries, { _id: deliveryId }, { $set: again })
  return { ...delivery, ...again }
}
