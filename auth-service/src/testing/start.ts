import { createVault, encryptionKeys } from '@countinghouse/shared/crypto'
import { freePort, startTestService, type TestService } from '@countinghouse/shared/testing/service'
import { authService } from '../app.js'
import type { Settings } from '../config.js'

const ENCRYPTION_KEYS = encryptionKeys.parse(`k1:${Buffer.alloc(32, 7).toString('base64')}`)

/** Opens what the service under test has sealed. */
export const vault = createVault(ENCRYPTION_KEYS)

/** The service with its own keys: the tokens that it signs are the ones that it takes. */
export const startAuthService = async (more: Partial<Settings> = {}): Promise<TestService> => {
  const PORT = await freePort()
  const AUTH_URL = `http://127.0.0.1:${PORT}`
  return startTestService(authService, { PORT, AUTH_URL, ENCRYPTION_KEYS, JWT_ACCESS_TTL: 3600, ...more })
}
