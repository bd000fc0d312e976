import { z } from 'zod'
import { commonRefusals, type RefusalTable } from '../refusal.js'
import type { Endpoint } from './endpoint.js'
import { PAGING_HEADERS } from './page.js'
import { API_BASE } from './path.js'
import { PROBLEM_TYPE } from './problem.js'

export type OpenApiDocument = {
  openapi: '3.1.0'
  info: { title: string; version: string; description?: string }
  tags: { name: string }[]
  paths: Record<string, Record<string, unknown>>
  components: { securitySchemes: object; schemas: Record<string, unknown> }
}

/** The OpenAPI 3.1 document of a service, from nothing but its endpoints and its table of refusals. */
export const toOpenApi = (title: string, endpoints: readonly Endpoint[], refusals: RefusalTable): OpenApiDocument => {
  const paths: OpenApiDocument['paths'] = {}
  for (const spec of endpoints) {
    const path = API_BASE + spec.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [spec.method]: toOperation(spec, { ...commonRefusals, ...refusals }) }
  }
  return {
    openapi: '3.1.0',
    info: { title, version: '1.0.0' },
    tags: [...new Set(endpoints.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      schemas: { Problem: PROBLEM_SCHEMA },
    },
  }
}

const toOperation = (spec: Endpoint, refusals: RefusalTable) => ({
  operationId: operationIdOf(spec),
  summary: spec.summary,
  tags: [spec.tag],
  security: securityOf(spec),
  ...(Array.isArray(spec.access) && { description: `For: ${spec.access.join(', ')}.` }),
  parameters: toParameters(spec),
  ...(spec.body && { requestBody: { required: true, content: toContent(spec) } }),
  responses: { [(spec.status ?? 200).toString()]: toSuccess(spec), ...toRefusalResponses(spec, refusals) },
})

const securityOf = ({ access }: Endpoint): object[] => {
  if (access === 'public') return []
  return access === 'anyone' ? [{}, { bearer: [] }] : [{ bearer: [] }]
}

const operationIdOf = ({ method, path }: Endpoint): string =>
  `${method}${path.replace(/[/:.-]+(\w)/g, (_, letter: string) => letter.toUpperCase())}`

const toParameters = (spec: Endpoint): object[] => [
  ...parametersIn('path', spec.params),
  ...parametersIn('query', spec.query),
  ...(spec.idempotent ? [header('Idempotency-Key', 'Makes a repeat of this request answer the same, once done')] : []),
]

const header = (name: string, description: string) => ({ name, in: 'header', description, schema: { type: 'string' } })

const parametersIn = (place: 'path' | 'query', schema: z.ZodObject | undefined): object[] => {
  if (!schema) return []
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }))
}

const toContent = ({ body, form, example }: Endpoint) => {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(body as z.ZodType, { io: 'input', unrepresentable: 'any' })
  const content = { schema, ...(example?.body !== undefined && { example: example.body }) }
  return { 'application/json': content, ...(form && { 'application/x-www-form-urlencoded': content }) }
}

const toSuccess = ({ view, list, status, example, summary, streams = [] }: Endpoint) => {
  if (status === 204) return { description: summary }
  const { $schema: _dialect, ...item } = z.toJSONSchema(view, { io: 'output', unrepresentable: 'any' })
  const schema = list ? { type: 'array', items: item } : item
  return {
    description: summary,
    ...(list && { headers: Object.fromEntries(PAGING_HEADERS.map((name) => [name, { schema: { type: 'string' } }])) }),
    content: {
      'application/json': { schema, ...(example?.view !== undefined && { example: example.view }) },
      ...Object.fromEntries(streams.map((mediaType) => [mediaType, { schema: { type: 'string' } }])),
    },
  }
}

/** Each refusal a route can give, by status: those of its kind and those it names. */
const toRefusalResponses = (spec: Endpoint, refusals: RefusalTable) => {
  const byStatus = new Map<number, string[]>()
  for (const code of refusalCodesOf(spec)) {
    const entry = refusals[code]
    if (!entry) throw new Error(`${spec.method} ${spec.path} names an unknown refusal: ${code}`)
    byStatus.set(entry.status, [...(byStatus.get(entry.status) ?? []), code])
  }
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      status.toString(),
      {
        description: codes.map((code) => `\`${code}\`: ${refusals[code]?.sentence ?? ''}`).join('; '),
        content: { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  )
}

const refusalCodesOf = (spec: Endpoint): string[] => [
  ...(spec.access === 'public' ? [] : ['invalid_token', 'token_expired']),
  ...(Array.isArray(spec.access) ? ['unauthenticated', 'forbidden'] : []),
  ...(spec.body ? ['malformed_json', 'payload_too_large', 'unsupported_media_type'] : []),
  ...(spec.body || spec.query || spec.params ? ['validation_failed'] : []),
  ...(spec.idempotent ? ['idempotency_in_progress', 'idempotency_key_reused'] : []),
  ...(spec.refusals ?? []),
]

const PROBLEM_SCHEMA = z.toJSONSchema(
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
)
