import { createServer, type IncomingHttpHeaders } from 'node:http'
import { generateKeyPair } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import jsonwebtoken from 'jsonwebtoken'
import type { Role, Scope } from '../contracts/auth.js'
import { REVOCATIONS_PATH, type RevocationKind, type RevocationNotice } from '../contracts/revocation.js'
import { API_KEY_CLAIMS_PATH } from '../http/authApiKey.js'
import { JWKS_PATH } from '../http/authKeys.js'
import { SERVICE_TOKEN_PATH } from '../http/authService.js'
import { ACCESS_TOKEN_TYPE, TOKEN_AUDIENCE, TOKEN_ISSUER } from '../http/authToken.js'
import { uuidv7 } from '../uuid.js'

export type TokenOffice = {
  /** Where a service finds the key that these tokens are checked with. */
  readonly authUrl: string
  /** A valid access token of a user. */
  userToken(role: Role, userId?: string): string
  /** A user's token that was valid until a minute ago. */
  expiredUserToken(role: Role): string
  serviceToken(name: string): string
  /** A new API key that is good for these scopes. */
  apiKey(...scopes: Scope[]): string
  /** Lists a revocation from now on, as auth-service does once it has committed. */
  revoke(kind: RevocationKind, subject: string): RevocationNotice
  close(): Promise<void>
}

type Asked = { headers: IncomingHttpHeaders; body: Record<string, string> }

/** Signs tokens as auth-service does, and answers what other processes ask auth-service. */
export const openTokenOffice = async (): Promise<TokenOffice> => {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  const kid = 'test-key'
  const sign = (claims: object, expiresIn = 3_600) =>
    jsonwebtoken.sign(claims, privateKey, {
      algorithm: 'RS256',
      header: { alg: 'RS256', typ: ACCESS_TOKEN_TYPE, kid },
      issuer: TOKEN_ISSUER,
      audience: TOKEN_AUDIENCE,
      expiresIn,
    })
  const serviceToken = (name: string) => sign({ sub: `service:${name}`, role: 'service' })
  const apiKeys = new Map<string, object>()
  const revocations: RevocationNotice[] = []
  const answers: Record<string, (asked: Asked) => object | undefined> = {
    [JWKS_PATH]: () => ({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' }] }),
    [SERVICE_TOKEN_PATH]: ({ body }) => ({ access_token: serviceToken(body['client_id'] ?? ''), expires_in: 300 }),
    [REVOCATIONS_PATH]: () => ({ revocations, next: '', more: false }),
    [API_KEY_CLAIMS_PATH]: ({ body }) => apiKeys.get(body['key'] ?? ''),
    '/auth/me': ({ headers }) => profileOf(headers.authorization),
  }
  const { authUrl, close } = await serve(answers)
  return {
    authUrl,
    userToken: (role, userId = `${role}-user`) => sign(userClaims(role, userId)),
    expiredUserToken: (role) => sign(userClaims(role, `${role}-user`), -60),
    serviceToken,
    apiKey: (...scopes) => {
      const key = `ch_test_${uuidv7().replaceAll('-', '').padEnd(40, '0')}`
      apiKeys.set(key, { key_id: `id-of-${key}`, name: 'A machine', scopes, expires_at: null })
      return key
    },
    revoke: (kind, subject) => {
      const notice = { id: uuidv7(), kind, subject, expires_at: new Date(Date.now() + 3_600_000).toISOString() }
      revocations.push(notice)
      return notice
    },
    close,
  }
}

const serve = async (answers: Record<string, (asked: Asked) => object | undefined>) => {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString()
      const body = JSON.parse(text === '' ? '{}' : text) as Record<string, string>
      const found = answers[request.url?.split('?', 1)[0] ?? '']?.({ headers: request.headers, body })
      response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(found ?? {}))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    authUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port.toString()}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections()
        server.close(() => {
          resolve()
        })
      }),
  }
}

/** The e-mail address of a test's user, as `/auth/me` tells it. */
export const emailOf = (userId: string): string => `${userId}@example.com`

const profileOf = (authorization = ''): object => {
  const { sub, username, role } = jsonwebtoken.decode(authorization.replace('Bearer ', '')) as Record<string, string>
  return {
    id: sub,
    username,
    role,
    email: emailOf(sub ?? ''),
    email_verified: sub?.startsWith('verified') ?? false,
    first_name: 'Test',
    last_name: sub,
    phone: null,
  }
}

const userClaims = (role: Role, userId: string) => ({
  sub: userId,
  sid: `session-of-${userId}`,
  username: userId,
  role,
})
