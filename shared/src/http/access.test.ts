import { describe, expect, test } from '@jest/globals'
import request from 'supertest'
import { z } from 'zod'
import { createLog } from '../log.js'
import { anonymous, type Caller } from './caller.js'
import { endpoint, type Access, type Endpoint } from './endpoint.js'
import { toOpenApi } from './openapi.js'
import { createHttpApp } from './server.js'

const callers: Record<string, Caller> = {
  nobody: anonymous,
  staff: { kind: 'user', userId: 'u', username: 'u', role: 'staff', sessionId: 's' },
  wallet: { kind: 'service', name: 'wallet-service' },
  loan: { kind: 'service', name: 'loan-service' },
  till: { kind: 'apiKey', keyId: 'k', name: 'Till', scopes: ['availability'] },
  bareKey: { kind: 'apiKey', keyId: 'k2', name: 'Bare', scopes: [] },
}
const routeFor = (access: Access): Endpoint =>
  endpoint({
    ...{ method: 'get', path: '/things', summary: 'Things', tag: 'Things', access },
    view: z.object({}),
    handle: () => ({}),
  })

/** The status that each caller gets from a route with this access. */
const statuses = async (access: Access): Promise<Record<string, number>> => {
  const app = createHttpApp({
    ...{ name: 'thing-service', endpoints: [routeFor(access)], refusals: {}, environment: 'test' },
    log: createLog('test', 'silent'),
    authenticate: (credential) => callers[credential?.replace('Bearer ', '') ?? 'nobody'] ?? anonymous,
    // The route reads and writes nothing.
    ...({ db: undefined, answers: undefined, readLog: undefined } as unknown as Pick<
      Parameters<typeof createHttpApp>[0],
      'db' | 'answers' | 'readLog'
    >),
  })
  const found: Record<string, number> = {}
  for (const name of Object.keys(callers))
    found[name] = (await request(app).get('/things').set({ 'x-api-key': name })).status
  return found
}

describe('a route lets in', () => {
  const nobodyElse = { nobody: 401, staff: 403, wallet: 403, loan: 403, till: 403, bareKey: 403 }

  test.each<[string, Access, object]>([
    ['the roles that it names', ['admin', 'staff'], { staff: 200 }],
    ['any service', ['service'], { wallet: 200, loan: 200 }],
    ['one service alone', ['service:wallet-service'], { wallet: 200 }],
    ['keys with its scope, and no others', ['staff', 'scope:availability'], { staff: 200, till: 200 }],
  ])('%s', async (_, access, letIn) => {
    expect(await statuses(access)).toEqual({ ...nobodyElse, ...letIn })
  })
})

test('the document says where an API key opens, and how it is shown', () => {
  const document = toOpenApi('thing-service', [routeFor(['staff', 'scope:availability'])], {})
  expect(document.paths['/api/v1/things']?.['get']).toMatchObject({ security: [{ bearer: [] }, { apiKey: [] }] })
  expect(document.components.securitySchemes).toMatchObject({ apiKey: { type: 'apiKey', in: 'header' } })
  const closed = toOpenApi('thing-service', [routeFor(['staff'])], {})
  expect(closed.paths['/api/v1/things']?.['get']).toMatchObject({ security: [{ bearer: [] }] })
})
