import type { MergedDocument } from '@countinghouse/gateway/documents/merge'
import type { Access } from '@countinghouse/shared/http/endpoint'
import { API_BASE } from '@countinghouse/shared/http/path'

type Scalar = string | number | boolean | null

export type JsonSchema = {
  $ref?: string
  type?: string | string[]
  enum?: Scalar[]
  const?: Scalar
  properties?: Record<string, JsonSchema>
  required?: string[]
  additionalProperties?: boolean | JsonSchema
  propertyNames?: JsonSchema
  items?: JsonSchema
  prefixItems?: JsonSchema[]
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  allOf?: JsonSchema[]
  format?: string
  pattern?: string
  example?: Scalar
}

export type Media = { schema: JsonSchema; example?: unknown }
export type Parameter = { name: string; in: 'path' | 'query' | 'header'; required?: boolean; schema: JsonSchema }
export type ApiResponse = {
  $ref?: string
  description: string
  headers?: Record<string, unknown>
  content?: Record<string, Media>
}

/** One operation of the merged document, as the generators and the tests read it. */
export type Operation = {
  /** `GET /loans/{id}`: its name within the API, whatever base it is called under. */
  name: string
  method: string
  /** Below the API's base. */
  path: string
  operationId: string
  summary: string
  description?: string
  tags: string[]
  security?: object[]
  'x-access'?: Access
  parameters: Parameter[]
  requestBody?: { content: Record<string, Media> }
  responses: Record<string, ApiResponse>
}

/** Every operation of the document, in its order. */
export const operationsOf = ({ paths }: Pick<MergedDocument, 'paths'>): Operation[] =>
  Object.entries(paths).flatMap(([fullPath, operations]) =>
    Object.entries(operations).map(([method, operation]) => {
      const path = fullPath.replace(API_BASE, '')
      const name = `${method.toUpperCase()} ${path}`
      return {
        parameters: [],
        ...(operation as object),
        name,
        method: method.toUpperCase(),
        path,
      } as unknown as Operation
    }),
  )

export const successOf = ({ responses }: Operation): [status: number, ApiResponse] => {
  const [status = '200', response] = Object.entries(responses).find(([code]) => code.startsWith('2')) ?? []
  return [Number(status), response ?? { description: '' }]
}

export const jsonBodyOf = ({ requestBody }: Operation): Media | undefined => requestBody?.content['application/json']
