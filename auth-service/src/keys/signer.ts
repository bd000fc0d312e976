import { ACCESS_TOKEN_TYPE, TOKEN_AUDIENCE, TOKEN_ISSUER } from '@countinghouse/shared/http/auth'
import jsonwebtoken from 'jsonwebtoken'
import { createPrivateKey, type KeyObject } from 'node:crypto'
import { ensureActiveKey, openPrivateKey, type Deps } from './commands.js'

/** Signs access tokens. */
export interface Signer {
  /** Has the key at hand; before that nothing can be signed. */
  prepare(): Promise<void>
  sign(claims: object): string
}

export const createSigner = (deps: Deps): Signer => {
  let current: { kid: string; privateKey: KeyObject } | undefined
  return {
    prepare: async () => {
      const key = await ensureActiveKey(deps)
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
