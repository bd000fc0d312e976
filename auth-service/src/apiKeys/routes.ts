import { SCOPES } from '@countinghouse/shared/contracts/auth'
import { API_KEY_CLAIMS_PATH, ApiKeyClaims } from '@countinghouse/shared/http/authApiKey'
import { actorOf } from '@countinghouse/shared/http/caller'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Id, Timestamp, pageQuery, text } from '@countinghouse/shared/http/fields'
import { toWire } from '@countinghouse/shared/http/wire'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { z } from 'zod'
import { getApiKey, makeApiKey, recogniseApiKey, renameApiKey, revokeApiKey, type Deps } from './commands.js'
import type { ApiKey } from './domain.js'
import { listApiKeys } from './store.js'

const View = z.object({
  id: Id,
  name: z.string(),
  scopes: z.array(z.enum(SCOPES)),
  prefix: z.string(),
  created_by: z.string(),
  created_at: Timestamp,
  expires_at: Timestamp.nullable(),
  revoked_at: Timestamp.nullable(),
  last_used_at: Timestamp.nullable(),
})
const toView = ({ _id, scopes, ...apiKey }: ApiKey) => ({ id: _id, scopes: [...scopes], ...toWire(apiKey) })

const Name = text(100)
const NewKey = z.strictObject({
  name: Name,
  scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length),
  expires_at: Timestamp.nullable().default(null),
})

const example = {
  id: '019aa3f0-7c1e-7d4b-9b44-0d6a3e0f9a11',
  name: 'The till in Mysuru',
  scopes: ['availability'],
  prefix: 'ch_live_9fK2xQ',
  created_by: 'user:019aa3e1-2f60-7a0c-8d1e-6c1b0a9f8e77',
  created_at: '2026-11-21T09:30:00.000Z',
  expires_at: null,
  revoked_at: null,
  last_used_at: null,
}
const exampleKey = 'ch_live_9fK2xQ7bY1mZ0pT4vW8sL3dH6jN5cR2gA1eU4kXq'
const common = { tag: 'API keys', access: ['admin'] } as const
const params = z.object({ id: Id })

export const apiKeyEndpoints = (deps: Deps) => [
  endpoint({
    ...common,
    method: 'post',
    path: '/api-keys',
    summary: 'Make an API key; the answer is the only one that shows it',
    status: 201,
    headers: { 'Cache-Control': 'no-store' },
    body: NewKey,
    view: View.extend({ key: z.string() }),
    example: { body: { name: example.name, scopes: ['availability'] }, view: { ...example, key: exampleKey } },
    // No Idempotency-Key: the stored answer would keep the key that nobody but its holder may have.
    handle: ({ body: { name, scopes, expires_at }, user, once }) =>
      once(async (tx) => {
        const expiresAt = expires_at === null ? null : new Date(expires_at)
        const made = await makeApiKey(tx, { name, scopes, expiresAt, createdBy: actorOf(user) }, deps.now())
        return { ...toView(made.apiKey), key: made.key }
      }),
  }),
  endpoint({
    ...common,
    method: 'get',
    path: '/api-keys',
    summary: 'List API keys, newest first, with when each was last used',
    query: z.object(pageQuery),
    view: View,
    list: true,
    example: { view: [example] },
    handle: async ({ query }) => (await listApiKeys(readsOn(deps.db), query)).map(toView),
  }),
  endpoint({
    ...common,
    method: 'get',
    path: '/api-keys/:id',
    summary: 'Read what is known of an API key',
    params,
    view: View,
    refusals: ['api_key_not_found'],
    example: { view: example },
    handle: async ({ params: { id } }) => toView(await getApiKey(readsOn(deps.db), id)),
  }),
  endpoint({
    ...common,
    method: 'patch',
    path: '/api-keys/:id',
    summary: 'Name an API key anew; for other scopes or another end, make another key',
    params,
    body: z.strictObject({ name: Name }),
    view: View,
    refusals: ['api_key_not_found'],
    example: { body: { name: example.name }, view: example },
    handle: ({ params: { id }, body: { name }, once }) => once(async (tx) => toView(await renameApiKey(tx, id, name))),
  }),
  endpoint({
    ...common,
    method: 'delete',
    path: '/api-keys/:id',
    summary: 'Revoke an API key: it is refused everywhere at once; its record stays',
    status: 204,
    params,
    view: z.void(),
    refusals: ['api_key_not_found'],
    handle: ({ params: { id }, once }) => once((tx) => revokeApiKey(tx, deps, id)),
  }),
  endpoint({
    method: 'post',
    path: API_KEY_CLAIMS_PATH,
    summary: 'Whose API key this is, for services that were shown one',
    tag: 'API keys',
    access: ['service'],
    headers: { 'Cache-Control': 'no-store' },
    body: z.strictObject({ key: z.string().max(128) }),
    view: ApiKeyClaims,
    refusals: ['api_key_unknown'],
    example: {
      body: { key: exampleKey },
      view: { key_id: example.id, name: example.name, scopes: ['availability'], expires_at: null },
    },
    handle: async ({ body: { key } }) => {
      const { _id, name, scopes, expiresAt } = await recogniseApiKey(deps, key)
      return { key_id: _id, name, scopes: [...scopes], expires_at: expiresAt?.toISOString() ?? null }
    },
  }),
]
