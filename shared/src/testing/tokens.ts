import { createServer } from 'node:http'
import { generateKeyPairSync } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import jsonwebtoken from 'jsonwebtoken'
import type { Role } from '../contracts/auth.js'
import { ACCESS_TOKEN_TYPE, JWKS_PATH, TOKEN_AUDIENCE, TOKEN_ISSUER } from '../http/auth.js'

export type TokenOffice = {
  /** Where a service finds the key that these tokens are checked with. */
  readonly authUrl: string
  /** A valid access token of a user. */
  userToken(role: Role, userId?: string): string
  serviceToken(name: string): string
  close(): Promise<void>
}

/** Signs access tokens as auth-service does, and offers the public key where services look for it. */
export const openTokenOffice = async (): Promise<TokenOffice> => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const kid = 'test-key'
  const jwks = JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' }] })
  const server = createServer((request, response) => {
    const found = request.url === JWKS_PATH
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' }).end(found ? jwks : '{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const sign = (claims: object) =>
    jsonwebtoken.sign(claims, privateKey, {
      algorithm: 'RS256',
      header: { alg: 'RS256', typ: ACCESS_TOKEN_TYPE, kid },
      issuer: TOKEN_ISSUER,
      audience: TOKEN_AUDIENCE,
      expiresIn: '1h',
    })
  return {
    authUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port.toString()}`,
    userToken: (role, userId = `${role}-user`) =>
      sign({ sub: userId, sid: `session-of-${userId}`, username: userId, role }),
    serviceToken: (name) => sign({ sub: `service:${name}`, role: 'service' }),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => {
          resolve()
        })
      }),
  }
}
