import { PROBLEM_SCHEMA } from '@countinghouse/shared/http/openapiResponses'
import { PROBLEM_TYPE } from '@countinghouse/shared/http/problem'
import { gatewayRefusals } from '../errors.js'
import type { Components } from './components.js'
import type { Answer, Operation, ServiceDocument } from './merge.js'

// What the gateway may say to any request, whoever would have answered it.
const ALWAYS = ['rate_limit_exceeded', 'overloaded'] as const

const REFERENCE = '#/components/responses/'

const sentenceOf = (code: (typeof ALWAYS)[number]): string => `\`${code}\`: ${gatewayRefusals[code].sentence}`

const problemOf = (schema: object) => ({
  headers: { 'Retry-After': { schema: { type: 'string' } } },
  content: { [PROBLEM_TYPE]: { schema } },
})

/** What it may say to a request that it answers itself, written out: no service may have told its schemas yet. */
export const ownRefusals = Object.fromEntries(
  ALWAYS.map((code) => [gatewayRefusals[code].status, { description: sentenceOf(code), ...problemOf(PROBLEM_SCHEMA) }]),
)

/** The document with what the gateway itself can refuse in each operation. */
export const withGatewayRefusals = (document: ServiceDocument): ServiceDocument => {
  const responses: Record<string, unknown> = { ...document.components['responses'] }
  const paths = Object.fromEntries(
    Object.entries(document.paths).map(([path, operations]) => [
      path,
      Object.fromEntries(
        Object.entries(operations).map(([method, operation]) => [method, extend(operation, responses)]),
      ),
    ]),
  )
  return { ...document, paths, components: onlyUsed(paths, { ...document.components, responses }) }
}

const extend = (operation: Operation, components: Record<string, unknown>): Operation => {
  if (!operation.responses) return operation
  const responses = { ...operation.responses }
  for (const code of ALWAYS) {
    const status = gatewayRefusals[code].status.toString()
    responses[status] = withCode(responses[status], code, components)
  }
  return { ...operation, responses }
}

const withCode = (given: Answer | undefined, code: (typeof ALWAYS)[number], components: Record<string, unknown>) => {
  const sentence = sentenceOf(code)
  const known = given?.$ref?.slice(REFERENCE.length)
  if (given && known === undefined) return { ...given, description: `${given.description ?? ''}; ${sentence}` }
  const before = known === undefined ? undefined : (components[known] as Answer)
  const name = known === undefined ? toName(code) : `${known}Or${toName(code)}`
  components[name] = {
    ...(before ?? problemOf({ $ref: '#/components/schemas/Problem' })),
    description: before ? `${before.description ?? ''}; ${sentence}` : sentence,
  }
  return { $ref: REFERENCE + name }
}

const toName = (code: string): string => code.replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase())

const onlyUsed = (paths: unknown, components: Components): Components => {
  const used = JSON.stringify(paths)
  const responses = Object.entries(components['responses'] ?? {})
  return {
    ...components,
    responses: Object.fromEntries(responses.filter(([name]) => used.includes(`"${REFERENCE}${name}"`))),
  }
}
