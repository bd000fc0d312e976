import { createLog } from '@countinghouse/shared/log'
import { openAuthOffice, type AuthOffice } from '@countinghouse/shared/http/authOffice'
import { testServers } from '@countinghouse/shared/testing/servers'
import { createVault, encryptionKeys, serviceSecretOf } from '@countinghouse/shared/crypto'
import { freePort, startTestService, type TestService } from '@countinghouse/shared/testing/service'
import { authService } from '../app.js'
import type { Settings } from '../config.js'

const ENCRYPTION_KEYS = encryptionKeys.parse(`k1:${Buffer.alloc(32, 7).toString('base64')}`)

const MASTER_SECRET = 'what the secrets of the services are made of'

/** Opens what the service under test has sealed. */
export const vault = createVault(ENCRYPTION_KEYS)

/** What a service logs in with. */
export const secretOf = (service: string): string => serviceSecretOf(MASTER_SECRET, service)

/** The service with its own keys: the tokens that it signs are the ones that it takes. */
export const startAuthService = async (more: Partial<Settings> = {}): Promise<TestService> => {
  const PORT = await freePort()
  const AUTH_URL = `http://127.0.0.1:${PORT}`
  return startTestService(authService, {
    ...{ PORT, AUTH_URL, ENCRYPTION_KEYS, JWT_ACCESS_TTL: 3600, JWT_REFRESH_TTL: 2_592_000 },
    SERVICE_MASTER_SECRET: [MASTER_SECRET],
    SERVICE_CLIENT_SECRET: secretOf('auth-service'),
    ...more,
  })
}

/** What another process of the platform would have to do with this auth-service. */
export const openOffice = (
  { url }: TestService,
  name = 'loan-service',
  redisUrl = testServers().redisUrl,
): AuthOffice =>
  openAuthOffice({
    name,
    settings: { AUTH_URL: url, REDIS_URL: redisUrl, SERVICE_CLIENT_SECRET: secretOf(name) },
    log: createLog('test', process.env['TEST_LOG_LEVEL'] ?? 'silent'),
  })
