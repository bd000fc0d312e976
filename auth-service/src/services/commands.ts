import { SERVICE_IDENTITIES } from '@countinghouse/shared/contracts/auth'
import { serviceSecretOf } from '@countinghouse/shared/crypto'
import { timingSafeEqual } from 'node:crypto'
import { refuse } from '../errors.js'

export type Credentials = { clientId: string; clientSecret: string }
export type Deps = { masterSecrets: readonly string[]; sign: (claims: object) => string; now: () => Date }

// So short that none needs to be revoked.
export const SERVICE_TOKEN_SECONDS = 300

/** A token for the service that these credentials are of; refuses any others in one way. */
export const issueServiceToken = (deps: Deps, { clientId, clientSecret }: Credentials): string => {
  const isService = SERVICE_IDENTITIES.some((name) => name === clientId)
  const isProven = deps.masterSecrets.some((master) => isEqual(serviceSecretOf(master, clientId), clientSecret))
  if (!isService || !isProven) throw refuse('invalid_client')
  const iat = Math.floor(deps.now().getTime() / 1000)
  return deps.sign({ sub: `service:${clientId}`, role: 'service', iat, exp: iat + SERVICE_TOKEN_SECONDS })
}

const isEqual = (expected: string, given: string): boolean => {
  const [one, other] = [Buffer.from(expected), Buffer.from(given)]
  return one.length === other.length && timingSafeEqual(one, other)
}
