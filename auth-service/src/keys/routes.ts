import { JWKS_PATH } from '@countinghouse/shared/http/authKeys'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { createPublicKey } from 'node:crypto'
import { z } from 'zod'
import type { SigningKey } from './domain.js'
import { listPublishedKeys } from './store.js'

const PublicKey = z.object({
  kty: z.literal('RSA'),
  kid: z.string(),
  alg: z.literal('RS256'),
  use: z.literal('sig'),
  n: z.string(),
  e: z.string(),
})

const exampleKey = {
  kty: 'RSA',
  kid: '019aa3f0-7c1e-7d4b-9b44-0d6a3e0f9a11',
  alg: 'RS256',
  use: 'sig',
  n: 'tVYx…',
  e: 'AQAB',
}

export const keyEndpoints = ({ db, now }: { db: Connection; now: () => Date }) => [
  endpoint({
    method: 'get',
    path: JWKS_PATH,
    summary: 'The public keys that access tokens are checked with',
    tag: 'Keys',
    access: 'public',
    headers: { 'Cache-Control': 'public, max-age=60' },
    view: z.object({ keys: z.array(PublicKey) }),
    example: { view: { keys: [exampleKey] } },
    handle: async () => ({ keys: (await listPublishedKeys(readsOn(db), now())).map(toPublicKey) }),
  }),
]

const toPublicKey = ({ _id, publicKey }: SigningKey): z.infer<typeof PublicKey> =>
  PublicKey.parse({ ...createPublicKey(publicKey).export({ format: 'jwk' }), kid: _id, alg: 'RS256', use: 'sig' })
