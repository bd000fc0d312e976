import { invalidAt } from '@countinghouse/shared/http/problem'
import { addToOutbox } from '@countinghouse/shared/messaging/outbox'
import { inTransaction, readsOn, type Reads, type Tx } from '@countinghouse/shared/mongo/transaction'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { Connection } from 'mongoose'
import { randomBytes } from 'node:crypto'
import { refuse } from '../errors.js'
import { hashOf } from '../secrets.js'
import { createApiKey, isGood, isUseToBeNoted, type ApiKey, type NewApiKey } from './domain.js'
import { created, revoked } from './events.js'
import { findApiKey, findApiKeyByHash, insertApiKey, updateApiKey } from './store.js'

export type Deps = {
  db: Connection
  now: () => Date
  /** Has every process refuse the key from now on. */
  revoke: (tx: Tx, keyId: string) => Promise<void>
}

export type Wanted = Pick<NewApiKey, 'name' | 'scopes' | 'createdBy' | 'expiresAt'>

/** A new key, and the only sight of it that anyone gets. */
export const makeApiKey = async (tx: Tx, wanted: Wanted, now: Date): Promise<{ apiKey: ApiKey; key: string }> => {
  if (wanted.expiresAt && wanted.expiresAt <= now) throw invalidAt(['body', 'expires_at'], 'must be in the future')
  const key = `ch_live_${randomBytes(30).toString('base64url')}`
  const apiKey = createApiKey({ ...wanted, id: uuidv7(), key, keyHash: hashOf(key) }, now)
  await insertApiKey(tx, apiKey)
  await addToOutbox(tx, created(apiKey))
  return { apiKey, key }
}

export const getApiKey = async (reads: Reads, id: string): Promise<ApiKey> => {
  const apiKey = await findApiKey(reads, id)
  if (!apiKey) throw refuse('api_key_not_found', { api_key_id: id })
  return apiKey
}

export const renameApiKey = async (tx: Tx, id: string, name: string): Promise<ApiKey> => {
  const apiKey = await getApiKey(tx, id)
  await updateApiKey(tx, id, { name })
  return { ...apiKey, name }
}

/** Ends a key for good; a second time changes nothing. */
export const revokeApiKey = async (tx: Tx, { now, revoke }: Deps, id: string): Promise<void> => {
  const apiKey = await getApiKey(tx, id)
  if (apiKey.revokedAt !== null) return
  await updateApiKey(tx, id, { revokedAt: now() })
  await revoke(tx, id)
  await addToOutbox(tx, revoked(apiKey))
}

/** The record of a key that is good; refuses every other in one way. */
export const recogniseApiKey = async ({ db, now }: Deps, key: string): Promise<ApiKey> => {
  const apiKey = await findApiKeyByHash(readsOn(db), hashOf(key))
  if (!apiKey || !isGood(apiKey, now())) throw refuse('api_key_unknown')
  if (isUseToBeNoted(apiKey, now()))
    await inTransaction(db, (tx) => updateApiKey(tx, apiKey._id, { lastUsedAt: now() }))
  return apiKey
}
