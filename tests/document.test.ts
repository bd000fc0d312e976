import { isDeepStrictEqual } from 'node:util'
import { expect, test } from '@jest/globals'
import { Validator } from '@seriousme/openapi-schema-validator'
import { mergeServices } from '@countinghouse/scripts/generate/files'
import { describeServices } from '@countinghouse/scripts/generate/house'
import { jsonBodyOf, operationsOf, successOf, type Operation } from '@countinghouse/scripts/generate/operations'
import { compiled } from '@countinghouse/shared/compiled'
import type { Endpoint } from '@countinghouse/shared/http/endpoint'
import { toJsonSchema } from '@countinghouse/shared/http/jsonSchema'
import { answersUnknownIds, takesWhatWasSigned } from './e2e/api/exceptions.js'
import { ruleFor } from './e2e/api/whoMay.js'

const services = describeServices()
const endpoints = services.flatMap((service) => service.endpoints)
const document = mergeServices(services)
const operations = operationsOf(document)

test('the document of the platform is OpenAPI 3.1', async () => {
  expect(await new Validator().validate(structuredClone<object>(document) as Record<string, unknown>)).toEqual({
    valid: true,
  })
})

test('every reference in the document leads somewhere', () => {
  const referred = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, target = '']) => target)
  const resolve = (target: string) =>
    target.split('/').reduce<unknown>((part, step) => (part as Record<string, unknown> | undefined)?.[step], document)
  expect([...new Set(referred)].filter((target) => resolve(target) === undefined)).toEqual([])
})

test('every operation has an id of its own', () => {
  const ids = operations.map(({ operationId }) => operationId)
  expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([])
})

test('every operation says who may call it, what it takes and answers, and each status it can give', () => {
  const lacking = operations.map((operation) => [operation.name, missingIn(operation)] as const)
  expect(lacking.filter(([, missing]) => missing.length > 0)).toEqual([])
})

const missingIn = (operation: Operation): string[] => [
  ...(operation.summary ? [] : ['summary']),
  ...(operation.tags.length > 0 ? [] : ['tag']),
  ...(operation.security ? [] : ['security']),
  ...(operation['x-access'] ? [] : ['access']),
  ...missingExamples(operation),
  ...statusesOf(operation)
    .filter((status) => operation.responses[status] === undefined)
    .map((status) => `a refusal with status ${status}`),
]

const missingExamples = (operation: Operation): string[] => {
  const body = jsonBodyOf(operation)
  const answer = successOf(operation)[1].content?.['application/json']
  return [
    ...(body && body.example === undefined ? ['example.body'] : []),
    ...(answer && answer.example === undefined ? ['example.view'] : []),
  ]
}

/** What a route of this kind can always be refused with. */
const statusesOf = ({ name, path, parameters, requestBody, ...operation }: Operation): string[] => {
  const access = operation['x-access']
  const takesInput = requestBody !== undefined || parameters.some((parameter) => parameter.in !== 'header')
  return [
    ...(access === 'public' ? [] : ['401']),
    ...(Array.isArray(access) ? ['403'] : []),
    ...(path.includes('{') && !(name in answersUnknownIds) ? ['404'] : []),
    ...(parameters.some((parameter) => parameter.name === 'Idempotency-Key') ? ['400', '409', '422'] : []),
    ...(requestBody ? ['400', '413', '415'] : []),
    ...(takesInput && !(name in takesWhatWasSigned) ? ['422'] : []),
    ...(operation.tags.includes('Operations') ? [] : ['429', '500', '503']),
  ]
}

test('every route lets in whom the table of tests/e2e/api/whoMay.ts says', () => {
  const complaints = operations.flatMap((operation) => {
    const expected = ruleFor(operation.name)
    if (!expected) return [`${operation.name} is in no line of whoMay.ts: say there who may call it`]
    const documented = toText(operation)
    return documented === expected ? [] : [`${operation.name} is for ${documented}; the table says ${expected}`]
  })
  expect(complaints).toEqual([])
})

const toText = ({ 'x-access': access }: Operation): string =>
  Array.isArray(access) ? [...(access as readonly string[])].sort().join(' ') : String(access)

// What says that data are somebody's, and who of the house may look at them.
const SOMEBODYS = /^(user_?id|customer_id|supplier_id|wallet_id|loan_id|email|phone|contact|address|bank_account)$/i
const LOOKERS = ['staff', 'viewer', 'admin']
const notOfAnother: Record<string, string> = {
  'GET /auth/me': 'one’s own',
  'GET /me': 'one’s own',
  'GET /auth/sessions': 'one’s own',
  'GET /warehouses': 'a building of the house',
  'GET /warehouses/:id': 'a building of the house',
  'GET /reviews': 'is public once it is approved',
  'GET /items': 'goods, and who delivers them',
  'GET /items/:id': 'goods, and who delivers them',
  'GET /reorder-suggestions': 'goods, and who delivers them',
}

test('who looks at the data of another leaves a record', () => {
  const silent = endpoints.filter(({ method, access, reads, view }) => {
    if (method !== 'get' || reads) return false
    if (!Array.isArray(access) || !LOOKERS.some((role) => access.includes(role))) return false
    return namesIn(toJsonSchema(view, 'output')).some((name) => SOMEBODYS.test(name))
  })
  expect(silent.map(({ path }) => `GET ${path}`).sort()).toEqual(Object.keys(notOfAnother).sort())
})

const namesIn = (schema: unknown): string[] => {
  if (typeof schema !== 'object' || schema === null) return []
  const { properties = {} } = schema as { properties?: object }
  return [...Object.keys(properties), ...Object.values(schema).flatMap(namesIn)]
}

type Tried = [Endpoint['view'] | undefined, unknown]

test('what a route takes and answers is the same when its schemas are compiled', () => {
  const others = endpoints.flatMap(({ method, path, params, query, body, view, list, example }) => {
    const views = example?.view === undefined ? [] : list ? (example.view as unknown[]) : [example.view]
    const tried: Tried[] = [
      [body, example?.body],
      [body, {}],
      [params, {}],
      [query, {}],
      [view, {}],
    ]
    tried.push(...views.map((one): Tried => [view, one]))
    const differ = ([schema, value]: Tried) =>
      schema && !isDeepStrictEqual(told(compiled(schema).safeParse(value)), told(schema.safeParse(value)))
    return tried.some(differ) ? [`${method.toUpperCase()} ${path}`] : []
  })
  expect(others).toEqual([])
})

const told = ({ data, error }: { data?: unknown; error?: { issues: unknown } }) => [data, error?.issues]

test('the examples are what the routes take and answer', () => {
  const broken = endpoints.flatMap(({ method, path, body, view, list, example }) => {
    const name = `${method.toUpperCase()} ${path}`
    const views = example?.view === undefined ? [] : list ? (example.view as unknown[]) : [example.view]
    return [
      ...(body && example?.body !== undefined ? [body.safeParse(example.body)] : []),
      ...views.map((one) => view.safeParse(one)),
    ].flatMap(({ error }) => (error ? [`${name}: ${error.message}`] : []))
  })
  expect(broken).toEqual([])
})
