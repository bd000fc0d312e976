import { createCipheriv, createDecipheriv, createHmac, createSecretKey, randomBytes, type KeyObject } from 'node:crypto'
import { z } from 'zod'

/** A key that encrypts at rest, and the name by which what it sealed remembers it. */
export type EncryptionKey = { readonly id: string; readonly secret: KeyObject }

/** Seals secrets for the database, and opens them again. */
export interface Vault {
  /** Encrypts with the first key. `context` says what the secret belongs to, so that it opens nowhere else. */
  seal(secret: string, context: string): string
  /** Throws when the key is not here any more, or when anything of the seal or its context was changed. */
  open(sealed: string, context: string): string
  /** The same secret under the first key; undefined when it is under it already. */
  renew(sealed: string, context: string): string | undefined
  /** The same for bytes of any number. */
  sealBytes(bytes: Buffer, context: string): Buffer
  openBytes(sealed: Buffer, context: string): Buffer
}

const ALGORITHM = 'aes-256-gcm'
const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
const ENTRY = /^([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/]+={0,2})$/

/** The setting `k1:<base64 of 32 bytes>[,k0:…]`: the first key encrypts, all of them decrypt. */
export const encryptionKeys = z.string().transform((text, context): readonly EncryptionKey[] => {
  const keys = text.split(',').flatMap((entry, index) => {
    const [, id = '', base64 = ''] = ENTRY.exec(entry.trim()) ?? []
    const bytes = Buffer.from(base64, 'base64')
    if (bytes.length === KEY_BYTES) return [{ id, secret: createSecretKey(bytes) }]
    context.addIssue({
      code: 'custom',
      message: `key ${index + 1} must look like k1:<base64 of ${KEY_BYTES} random bytes>`,
    })
    return []
  })
  if (new Set(keys.map(({ id }) => id)).size < keys.length)
    context.addIssue({ code: 'custom', message: 'each key needs a name of its own' })
  return keys
})

/** A vault whose first key encrypts and of which every key decrypts (AES-256-GCM). */
export const createVault = (keys: readonly EncryptionKey[]): Vault => {
  const [current] = keys
  if (!current) throw new Error('A vault needs a key')
  const byId = new Map(keys.map(({ id, secret }) => [id, secret]))
  const keyOf = (id: string, context: string): KeyObject => {
    const key = byId.get(id)
    if (!key) throw new Error(`ENCRYPTION_KEYS has no key "${id}", with which ${context} was sealed`)
    return key
  }
  const vault: Vault = {
    seal: (secret, context) => `${current.id}.${encrypt(current.secret, secret, context).toString('base64url')}`,
    renew: (sealed, context) =>
      sealed.startsWith(`${current.id}.`) ? undefined : vault.seal(vault.open(sealed, context), context),
    open: (sealed, context) => {
      const [id = '', box = ''] = sealed.split('.')
      return decrypt(keyOf(id, context), Buffer.from(box, 'base64url'), context).toString('utf8')
    },
    sealBytes: (bytes, context) =>
      Buffer.concat([Buffer.from(`${current.id}.`), encrypt(current.secret, bytes, context)]),
    openBytes: (sealed, context) => {
      const end = sealed.indexOf('.')
      return decrypt(keyOf(sealed.toString('utf8', 0, end), context), sealed.subarray(end + 1), context)
    },
  }
  return vault
}

/** What a service proves its identity with: made of a secret that only auth-service and the launcher know. */
export const serviceSecretOf = (masterSecret: string, service: string): string =>
  createHmac('sha256', masterSecret).update(`service:${service}`).digest('base64url')

const encrypt = (key: KeyObject, secret: string | Buffer, context: string): Buffer => {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(context))
  return Buffer.concat([nonce, cipher.update(Buffer.from(secret)), cipher.final(), cipher.getAuthTag()])
}

const decrypt = (key: KeyObject, box: Buffer, context: string): Buffer => {
  try {
    const decipher = createDecipheriv(ALGORITHM, key, box.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
    decipher.setAAD(Buffer.from(context)).setAuthTag(box.subarray(-TAG_BYTES))
    return Buffer.concat([decipher.update(box.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()])
  } catch (error) {
    throw new Error(`${context} does not open: it was changed, or sealed with another key of this name`, {
      cause: error,
    })
  }
}
