import { randomUUID } from 'node:crypto'
import type { Problem } from '@countinghouse/client'
import { jsonBodyOf, type JsonSchema, type Operation, type Parameter } from '@countinghouse/scripts/generate/operations'
import { mayCall, type House } from './house.js'

export type Asked = {
  token?: string | undefined
  /** What stands in the path; ids of nothing where it is not said. */
  params?: Record<string, string>
  /** As written in the address. */
  query?: string
  /** As sent; the example of the operation where it is not said. */
  body?: string
  contentType?: string
}

export type Got = { status: number; headers: Headers; problem: Problem }

const TIMEOUT_MS = 20_000

/** Sends a request for an operation: the one of its example, but for what is said. */
export const ask = async ({ system }: House, operation: Operation, asked: Asked = {}): Promise<Got> => {
  const { token, params = unknownIds(operation), query = requiredQuery(operation) } = asked
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))
  const response = await fetch(`${system.gatewayUrl}/api/v1${path}${query === '' ? '' : `?${query}`}`, {
    method: operation.method,
    headers: {
      ...(operation.requestBody && { 'content-type': asked.contentType ?? 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(operation.parameters.some(({ name }) => name === 'Idempotency-Key') && { 'idempotency-key': randomUUID() }),
    },
    body: operation.requestBody ? (asked.body ?? JSON.stringify(exampleBody(operation))) : null,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, problem: parse(text) as Problem }
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return { text: text.slice(0, 200) }
  }
}

export const exampleBody = (operation: Operation): Record<string, unknown> =>
  (jsonBodyOf(operation)?.example ?? {}) as Record<string, unknown>

export const pathParameters = ({ parameters }: Operation): Parameter[] =>
  parameters.filter((parameter) => parameter.in === 'path')

/** Ids that nothing has; a parameter with few values has one of them. */
export const unknownIds = (operation: Operation): Record<string, string> =>
  Object.fromEntries(pathParameters(operation).map(({ name, schema }) => [name, unknownId(schema)]))

const unknownId = ({ type, enum: values }: JsonSchema): string => {
  if (values) return String(values[0])
  return type === 'integer' || type === 'number' ? '999999999' : randomUUID()
}

const requiredQuery = ({ parameters }: Operation): string => {
  const required = parameters.filter((parameter) => parameter.in === 'query' && parameter.required)
  const values = required.map(({ name, schema }) => [name, String(schema.example ?? schema.enum?.[0] ?? '1')])
  return new URLSearchParams(Object.fromEntries(values) as Record<string, string>).toString()
}

/** The token of somebody who may call it; none where anyone may. */
export const allowedToken = ({ tokens }: House, operation: Operation): string | undefined => {
  const [asker] = mayCall(operation)
  return asker && tokens[asker]
}

/** What is wrong with the form of a refusal, or that the document does not tell of it. */
export const flawsOf = (operation: Operation, { status, headers, problem }: Got): string[] => {
  if (status < 400) return []
  const { type, title, detail, message, code, instance, request_id } = problem
  const documented = operation.responses[status]
  return [
    ...(status >= 500 ? [`${status}`] : []),
    ...(headers.get('content-type')?.startsWith('application/problem+json') ? [] : ['no problem+json']),
    ...([type, title, detail, code, instance].every((text) => typeof text === 'string') ? [] : ['members missing']),
    ...(problem.status === status ? [] : ['another status']),
    ...(message === detail ? [] : ['message is not detail']),
    ...(request_id && request_id === headers.get('x-request-id') ? [] : ['no request_id']),
    ...(status === 401 && !headers.get('www-authenticate') ? ['no WWW-Authenticate'] : []),
    ...(documented?.description.includes(`\`${code}\``) ? [] : [`${status} ${code} is not in the document`]),
  ]
}
