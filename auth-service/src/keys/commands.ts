import type { Vault } from '@countinghouse/shared/crypto'
import { inTransaction, readsOn, type Reads, type Tx } from '@countinghouse/shared/mongo/transaction'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { Connection } from 'mongoose'
import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import { refuse } from '../errors.js'
import { decideRevocation, decideRotation, type SigningKey } from './domain.js'
import { findKey, findKeyById, insertKey, replaceKey } from './store.js'

export type Deps = { db: Connection; vault: Vault; now: () => Date }

/**
 * The key that signs; beside it there is always the next one. The first start makes both; of replicas that start
 * together one wins, and all use its keys.
 */
export const ensureKeys = async ({ db, vault, now }: Deps): Promise<SigningKey> => {
  const standing = await findPair(readsOn(db))
  if (standing.active && standing.next) return standing.active
  const [active, next] = await Promise.all([makeKey(vault, 'active', now()), makeKey(vault, 'next', now())])
  return inTransaction(db, async (tx) => {
    const winner = await findPair(tx)
    if (!winner.active) await insertKey(tx, active)
    if (!winner.next) await insertKey(tx, next)
    return winner.active ?? active
  })
}

/** Makes the next key sign, and a new one the next; what the retired one signed stays good until it runs out. */
export const rotateKeys = async ({ db, vault, now }: Deps, accessSeconds: number): Promise<SigningKey> => {
  const made = await makeKey(vault, 'next', now())
  await ensureKeys({ db, vault, now })
  return inTransaction(db, (tx) => rotate(tx, made, accessSeconds, now()))
}

const rotate = async (tx: Tx, made: SigningKey, accessSeconds: number, now: Date): Promise<SigningKey> => {
  const { active, next } = await findPair(tx)
  if (!active || !next) throw new Error('There are no keys to rotate')
  const decided = decideRotation({ active, next, accessSeconds }, now)
  await replaceKey(tx, decided.retired)
  await replaceKey(tx, decided.active)
  await insertKey(tx, made)
  return decided.active
}

/** Tells every process that nothing of this key is to be believed. */
export type EndKey = (tx: Tx, kid: string) => Promise<void>

/** Ends a key at once, with all that it has signed; answers the key that signs from now on. */
export const revokeKey = async ({ db, vault, now }: Deps, kid: string, endKey: EndKey): Promise<SigningKey> => {
  const made = await makeKey(vault, 'next', now())
  return inTransaction(db, async (tx) => {
    const [key, { active, next }] = [await findKeyById(tx, kid), await findPair(tx)]
    if (!key || !active || !next) throw refuse('signing_key_not_found', { key_id: kid })
    const decided = decideRevocation(key, next, now())
    await replaceKey(tx, decided.retired)
    if (decided.active) await replaceKey(tx, decided.active)
    if (decided.needsNext) await insertKey(tx, made)
    await endKey(tx, kid)
    return decided.active ?? active
  })
}

const findPair = async (reads: Reads) => ({
  active: await findKey(reads, 'active'),
  next: await findKey(reads, 'next'),
})

/** The private key, in PKCS8 PEM. */
export const openPrivateKey = (vault: Vault, { _id, sealedPrivateKey }: SigningKey): string =>
  vault.open(sealedPrivateKey, contextOf(_id))

const contextOf = (kid: string): string => `signing key ${kid}`

const makeKey = async (vault: Vault, status: 'active' | 'next', now: Date): Promise<SigningKey> => {
  const kid = uuidv7()
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const sealedPrivateKey = vault.seal(privateKey, contextOf(kid))
  return { _id: kid, status, publicKey, sealedPrivateKey, createdAt: now, expiresAt: null }
}
