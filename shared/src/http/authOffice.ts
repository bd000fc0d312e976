import type { ProcessSettings } from '../config.js'
import type { Log } from '../log.js'
import type { Background } from '../service.js'
import { createAuthenticate, type Authenticate } from './auth.js'
import { createApiKeyVerifier } from './authApiKey.js'
import { followRevocations } from './authFeed.js'
import { JWKS_PATH, createKeyFinder } from './authKeys.js'
import { createRevoked } from './authRevoked.js'
import { createServiceToken, type ServiceToken } from './authService.js'
import { createTokenVerifier } from './authToken.js'
import { createServiceClient } from './client.js'

/** All that a process has to do with auth-service: whom it believes, and who it is itself. */
export type AuthOffice = Background & {
  readonly authenticate: Authenticate
  readonly serviceToken: ServiceToken
  /** Settles once the keys and what is revoked are known; refuses while auth-service does not tell. */
  prepare(): Promise<void>
}

export type AuthOfficeOptions = {
  name: string
  settings: Pick<ProcessSettings, 'AUTH_URL' | 'REDIS_URL' | 'SERVICE_CLIENT_SECRET'>
  log: Log
}

export const openAuthOffice = ({ name, settings, log }: AuthOfficeOptions): AuthOffice => {
  const { AUTH_URL: authUrl, REDIS_URL: redisUrl, SERVICE_CLIENT_SECRET: secret } = settings
  const serviceToken = createServiceToken({ authUrl, name, secret })
  const auth = createServiceClient('auth-service', authUrl, serviceToken)
  const findKey = createKeyFinder(authUrl + JWKS_PATH)
  const revoked = createRevoked()
  const feed = followRevocations({ auth, redisUrl, revoked, log })
  return {
    authenticate: createAuthenticate({
      verifyToken: createTokenVerifier(findKey),
      verifyApiKey: createApiKeyVerifier(auth),
      revocationsKnown: feed.known,
      assertNotRevoked: revoked.assertNotRevoked,
    }),
    serviceToken,
    prepare: async () => {
      // Any key will do: asking for one fetches them all.
      await findKey('')
      await feed.known()
    },
    stop: feed.stop,
  }
}
