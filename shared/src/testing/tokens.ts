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
  /** A user's token that was valid until a minute ago. */
  expiredUserToken(role: Role): string
  serviceToken(name: string): string
  close(): Promise<void>
}

/** Signs access tokens as auth-service does, and offers the public key and `/auth/me` where services look for them. */
export const openTokenOffice = async (): Promise<TokenOffice> => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const kid = 'test-key'
  const jwks = JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' }] })
  const server = createServer(({ url, headers }, response) => {
    const found = url === JWKS_PATH ? jwks : url === '/auth/me' ? profileOf(headers.authorization) : undefined
    response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json' }).end(found ?? '{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const sign = (claims: object, expiresIn = 3_600) =>
    jsonwebtoken.sign(claims, privateKey, {
      algorithm: 'RS256',
      header: { alg: 'RS256', typ: ACCESS_TOKEN_TYPE, kid },
      issuer: TOKEN_ISSUER,
      audience: TOKEN_AUDIENCE,
      expiresIn,
    })
  return {
    authUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port.toString()}`,
    userToken: (role, userId = `${role}-user`) => sign(userClaims(role, userId)),
    expiredUserToken: (role) => sign(userClaims(role, `${role}-user`), -60),
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

/** The e-mail address of a test's user, as `/auth/me` tells it. */
export const emailOf = (userId: string): string => `${userId}@example.com`

const profileOf = (authorization = ''): string => {
  const { sub, username, role } = jsonwebtoken.decode(authorization.replace('Bearer ', '')) as Record<string, string>
  const profile = {
    id: sub,
    username,
    role,
    email: emailOf(sub ?? ''),
    first_name: 'Test',
    last_name: sub,
    phone: null,
  }
  return JSON.stringify(profile)
}

const userClaims = (role: Role, userId: string) => ({
  sub: userId,
  sid: `session-of-${userId}`,
  username: userId,
  role,
})
