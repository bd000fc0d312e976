import type { Vault } from '@countinghouse/shared/crypto'
import { inTransaction, readsOn } from '@countinghouse/shared/mongo/transaction'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { Connection } from 'mongoose'
import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import { findActiveKey, insertKey, type SigningKey } from './store.js'

export type Deps = { db: Connection; vault: Vault; now: () => Date }

/** The key that signs. The first start makes it; of replicas that start together one wins, and all use its key. */
export const ensureActiveKey = async ({ db, vault, now }: Deps): Promise<SigningKey> => {
  const standing = await findActiveKey(readsOn(db))
  if (standing) return standing
  const made = await makeKey(vault, now())
  return inTransaction(db, async (tx) => {
    const winner = await findActiveKey(tx)
    if (winner) return winner
    await insertKey(tx, made)
    return made
  })
}

/** The private key, in PKCS8 PEM. */
export const openPrivateKey = (vault: Vault, { _id, sealedPrivateKey }: SigningKey): string =>
  vault.open(sealedPrivateKey, contextOf(_id))

const contextOf = (kid: string): string => `signing key ${kid}`

const makeKey = async (vault: Vault, now: Date): Promise<SigningKey> => {
  const kid = uuidv7()
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const sealedPrivateKey = vault.seal(privateKey, contextOf(kid))
  return { _id: kid, status: 'active', publicKey, sealedPrivateKey, createdAt: now }
}
