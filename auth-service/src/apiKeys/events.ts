import { apiKeyCreated, apiKeyRevoked } from '@countinghouse/shared/contracts/auth'
import { newEvent } from '@countinghouse/shared/messaging/event'
import type { ApiKey } from './domain.js'

export const created = ({ _id, name, scopes, expiresAt }: ApiKey) =>
  newEvent(apiKeyCreated, _id, {
    api_key_id: _id,
    name,
    scopes: [...scopes],
    expires_at: expiresAt?.toISOString() ?? null,
  })

export const revoked = ({ _id, name }: ApiKey) => newEvent(apiKeyRevoked, _id, { api_key_id: _id, name })
