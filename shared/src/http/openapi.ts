import type { z } from 'zod'
import type { RefusalTable } from '../refusal.js'
import type { Endpoint } from './endpoint.js'
import { toJsonSchema } from './jsonSchema.js'
import { createResponses, PROBLEM_SCHEMA } from './openapiResponses.js'
import { PAGING_HEADERS } from './page.js'
import { API_BASE } from './path.js'

export type OpenApiDocument = {
  openapi: '3.1.0'
  info: { title: string; version: string; description?: string }
  tags: { name: string }[]
  paths: Record<string, Record<string, unknown>>
  components: { securitySchemes: object; schemas: Record<string, unknown>; responses: Record<string, unknown> }
}

/** The OpenAPI 3.1 document of a service, from nothing but its endpoints and its table of refusals. */
export const toOpenApi = (title: string, endpoints: readonly Endpoint[], refusals: RefusalTable): OpenApiDocument => {
  const paths: OpenApiDocument['paths'] = {}
  const responses = createResponses(refusals)
  const answers = createAnswers(endpoints)
  for (const spec of endpoints) {
    const path = API_BASE + spec.path.replace(/:(\w+)/g, '{$1}')
    const success = toSuccess(spec, answers.of(spec))
    const given = {
      [(spec.status ?? 200).toString()]: success,
      ...(spec.conditional && { 304: { description: 'What the caller has is what there is' } }),
      ...(spec.isOpen && { 202: { ...success, description: 'The outcome is still open' } }),
      ...responses.of(spec),
    }
    paths[path] = { ...paths[path], [spec.method]: toOperation(spec, given) }
  }
  return {
    openapi: '3.1.0',
    info: { title, version: '1.0.0' },
    tags: [...new Set(endpoints.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'An access token, or an API key' },
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'A key with the scope that is named' },
      },
      schemas: { Problem: PROBLEM_SCHEMA, ...answers.shared },
      responses: responses.components(),
    },
  }
}

const toOperation = (spec: Endpoint, responses: object) => ({
  operationId: operationIdOf(spec),
  summary: spec.summary,
  tags: [spec.tag],
  security: securityOf(spec),
  'x-access': spec.access,
  ...(Array.isArray(spec.access) && { description: `For: ${spec.access.join(', ')}.` }),
  parameters: toParameters(spec),
  ...(spec.body && { requestBody: { required: true, content: toContent(spec) } }),
  ...(spec.takes && {
    requestBody: { required: true, content: { [spec.takes.mediaType]: { schema: spec.takes.schema } } },
  }),
  responses,
})

const securityOf = ({ access }: Endpoint): object[] => {
  if (access === 'public') return []
  if (access === 'anyone') return [{}, { bearer: [] }]
  return [{ bearer: [] }, ...(access.some((name) => name.startsWith('scope:')) ? [{ apiKey: [] }] : [])]
}

const operationIdOf = ({ method, path }: Endpoint): string =>
  `${method}${path.replace(/[/:._-]+(\w)/g, (_, letter: string) => letter.toUpperCase())}`

const toParameters = (spec: Endpoint): object[] => [
  ...parametersIn('path', spec.params),
  ...parametersIn('query', spec.query),
  ...(spec.idempotent ? [header('Idempotency-Key', 'Makes a repeat of this request answer the same, once done')] : []),
  ...(spec.refusals?.includes('version_conflict')
    ? [header('If-Match', 'The `ETag` that was read; the request is refused when it was changed since')]
    : []),
]

const header = (name: string, description: string) => ({ name, in: 'header', description, schema: { type: 'string' } })

const parametersIn = (place: 'path' | 'query', schema: z.ZodObject | undefined): object[] => {
  if (!schema) return []
  const { properties = {}, required = [] } = toJsonSchema(schema, 'input') as z.core.JSONSchema.ObjectSchema
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }))
}

const toContent = ({ body, form, example }: Endpoint) => {
  const content = {
    schema: toJsonSchema(body as z.ZodType, 'input'),
    ...(example?.body !== undefined && { example: example.body }),
  }
  return { 'application/json': content, ...(form && { 'application/x-www-form-urlencoded': content }) }
}

const toSuccess = ({ list, status, example, summary, streams = [] }: Endpoint, item: object) => {
  if (status === 204) return { description: summary }
  const schema = list ? { type: 'array', items: item } : item
  const isStreamAlone = streams.length > 0 && example?.view === undefined
  const json = { schema, ...(example?.view !== undefined && { example: example.view }) }
  return {
    description: summary,
    ...(list && { headers: Object.fromEntries(PAGING_HEADERS.map((name) => [name, { schema: { type: 'string' } }])) }),
    content: {
      ...(!isStreamAlone && { 'application/json': json }),
      ...Object.fromEntries(streams.map((mediaType) => [mediaType, { schema: { type: 'string' } }])),
    },
  }
}

/** The schemas of all answers; what several routes answer is written once, under the name of the first of them. */
const createAnswers = (endpoints: readonly Endpoint[]) => {
  const users = new Map<string, Endpoint[]>()
  for (const spec of endpoints) {
    const schema = JSON.stringify(toJsonSchema(spec.view, 'output'))
    users.set(schema, [...(users.get(schema) ?? []), spec])
  }
  const shared: Record<string, unknown> = {}
  const references = new Map<Endpoint, object>()
  for (const [schema, [first, ...others]] of users) {
    if (!first || others.length === 0 || schema.length < SHARED_FROM_LENGTH) continue
    const name = `${capitalised(operationIdOf(first))}Answer`
    shared[name] = JSON.parse(schema) as unknown
    for (const spec of [first, ...others]) references.set(spec, { $ref: `#/components/schemas/${name}` })
  }
  return { shared, of: (spec: Endpoint) => references.get(spec) ?? toJsonSchema(spec.view, 'output') }
}

const SHARED_FROM_LENGTH = 200
const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
