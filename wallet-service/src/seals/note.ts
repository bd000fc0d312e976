import { createHash, createPrivateKey, createPublicKey, hkdfSync, sign, type KeyObject } from 'node:crypto'

/** The chain as far as a signature covers it: so many blocks, and the root of the Merkle tree over their hashes. */
export type Checkpoint = { size: number; root: Buffer }

/** Signs checkpoints; the key is made of the service's own secret, so that it need not be kept. */
export interface Signer {
  /** Names the key and carries its public half, as the verifiers of signed notes read it. */
  readonly verifierKey: string
  sign(checkpoint: Checkpoint): string
}

// The C2SP formats of transparency logs: a signed note whose text is a checkpoint, and its verifier key.
const ORIGIN = 'countinghouse/ledger'
const ED25519 = Buffer.from([1])
const PKCS8_OF_SEED = Buffer.from('302e020100300506032b657004220420', 'hex')
const SPKI_BYTES = 12

export const createSigner = (secret: string): Signer => {
  const seed = Buffer.from(hkdfSync('sha256', secret, '', `${ORIGIN} checkpoints`, 32))
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_OF_SEED, seed]), format: 'der', type: 'pkcs8' })
  const publicKey = Buffer.concat([ED25519, rawPublicKey(key)])
  const hash = createHash('sha256').update(`${ORIGIN}\n`).update(publicKey).digest().subarray(0, 4)
  return {
    verifierKey: `${ORIGIN}+${hash.toString('hex')}+${publicKey.toString('base64')}`,
    sign: ({ size, root }) => {
      const text = `${ORIGIN}\n${size}\n${root.toString('base64')}\n`
      const signature = Buffer.concat([hash, sign(null, Buffer.from(text), key)])
      return `${text}\n— ${ORIGIN} ${signature.toString('base64')}\n`
    },
  }
}

const rawPublicKey = (key: KeyObject): Buffer =>
  createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(SPKI_BYTES)
