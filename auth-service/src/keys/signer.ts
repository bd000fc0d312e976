import { ACCESS_TOKEN_TYPE, TOKEN_AUDIENCE, TOKEN_ISSUER } from '@countinghouse/shared/http/authToken'
import type { Log } from '@countinghouse/shared/log'
import { repeat } from '@countinghouse/shared/repeat'
import type { Background } from '@countinghouse/shared/service'
import jsonwebtoken from 'jsonwebtoken'
import { createPrivateKey, type KeyObject } from 'node:crypto'
import { ensureKeys, openPrivateKey, type Deps } from './commands.js'

/** Signs access tokens. */
export interface Signer {
  /** Has the key at hand that signs now; before that nothing can be signed. */
  prepare(): Promise<void>
  sign(claims: object): string
}

export const createSigner = (deps: Deps): Signer => {
  let current: { kid: string; privateKey: KeyObject } | undefined
  return {
    prepare: async () => {
      const key = await ensureKeys(deps)
      if (current?.kid === key._id) return
      current = { kid: key._id, privateKey: createPrivateKey(openPrivateKey(deps.vault, key)) }
    },
    sign: (claims) => {
      if (!current) throw new Error('The signing key is not loaded yet')
      const { kid, privateKey } = current
      return jsonwebtoken.sign(claims, privateKey, {
        algorithm: 'RS256',
        header: { alg: 'RS256', typ: ACCESS_TOKEN_TYPE, kid },
        issuer: TOKEN_ISSUER,
        audience: TOKEN_AUDIENCE,
      })
    },
  }
}

const LOOK_EVERY_MS = 5_000

/** Lets a running process sign with the key that a rotation made active. */
export const followRotations = (signer: Signer, log: Log): Background =>
  repeat({ everyMs: LOOK_EVERY_MS, work: signer.prepare, log, failure: 'The signing key cannot be read' })
