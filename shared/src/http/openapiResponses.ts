import { z } from 'zod'
import { commonRefusals, type RefusalTable } from '../refusal.js'
import type { Endpoint } from './endpoint.js'
import { toJsonSchema } from './jsonSchema.js'
import { PROBLEM_TYPE } from './problem.js'

/** The refusals of endpoints as OpenAPI responses; what many routes can give becomes a shared component. */
export const createResponses = (refusals: RefusalTable) => {
  const table: RefusalTable = { ...commonRefusals, ...refusals }
  const shared = new Map<string, object>()
  const toResponse = (status: number, codes: string[]): object => {
    const response = {
      description: codes.map((code) => `\`${code}\`: ${table[code]?.sentence ?? ''}`).join('; '),
      ...headersOf(status),
      content: { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
    }
    if (!codes.every((code) => code in commonRefusals)) return response
    const name = codes.map(toName).join('Or')
    shared.set(name, response)
    return { $ref: `#/components/responses/${name}` }
  }
  return {
    /** Each status that a route can refuse with: those of its kind and those it names. */
    of: (spec: Endpoint): Record<string, object> =>
      Object.fromEntries(
        [...byStatus(spec, table)].map(([status, codes]) => [status.toString(), toResponse(status, codes)]),
      ),
    components: (): Record<string, unknown> =>
      Object.fromEntries([...shared].sort(([one], [other]) => (one < other ? -1 : 1))),
  }
}

const byStatus = (spec: Endpoint, table: RefusalTable): Map<number, string[]> => {
  const found = new Map<number, string[]>()
  for (const code of new Set([...kindCodes(spec), ...(spec.refusals ?? [])])) {
    const entry = table[code]
    if (!entry) throw new Error(`${spec.method} ${spec.path} names an unknown refusal: ${code}`)
    found.set(entry.status, [...(found.get(entry.status) ?? []), code])
  }
  return new Map([...found].sort(([one], [other]) => one - other))
}

// A limit, a fault and an outage can meet every request.
const always = Object.entries(commonRefusals)
  .filter(([, { status }]) => [429, 500].includes(status))
  .map(([code]) => code)

const kindCodes = (spec: Endpoint): string[] => [
  ...(spec.access === 'public' ? [] : ['invalid_token', 'token_expired', 'user_gone', 'invalid_api_key']),
  ...(Array.isArray(spec.access) ? ['unauthenticated', 'forbidden'] : []),
  ...(spec.body ? ['malformed_json'] : []),
  ...(spec.body || spec.takes ? ['payload_too_large', 'unsupported_media_type'] : []),
  ...(spec.body || spec.query || spec.params ? ['validation_failed'] : []),
  ...(spec.idempotent ? idempotencyCodes : []),
  ...always,
  'dependency_unavailable',
  ...(spec.method === 'get' ? [] : ['busy']),
]

const idempotencyCodes = [
  ...['idempotency_key_missing', 'idempotency_key_malformed'],
  ...['idempotency_in_progress', 'idempotency_key_reused'],
]

const toName = (code: string): string => code.replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase())

const headersByStatus: Record<number, string> = { 401: 'WWW-Authenticate', 429: 'Retry-After', 503: 'Retry-After' }
const headersOf = (status: number): object => {
  const name = headersByStatus[status]
  return name === undefined ? {} : { headers: { [name]: { schema: { type: 'string' } } } }
}

export const PROBLEM_SCHEMA = toJsonSchema(
  z.looseObject({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    message: z.string(),
    code: z.string(),
    instance: z.string(),
    request_id: z.string(),
    errors: z
      .array(z.object({ loc: z.array(z.union([z.string(), z.number()])), msg: z.string(), type: z.string() }))
      .optional(),
  }),
  'output',
)
