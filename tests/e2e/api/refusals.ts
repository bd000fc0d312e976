import { describe } from '@jest/globals'
import { jsonBodyOf, type JsonSchema, type Operation } from '@countinghouse/scripts/generate/operations'
import { allowedToken, exampleBody, pathParameters, unknownIds } from './asking.js'
import { mayCall, type House } from './house.js'
import { expectInvalid, expectStatus, rule, type Attempt } from './rule.js'
import { answersUnknownIds, mayBeSet, NEVER_SET, takesWhatWasSigned } from './exceptions.js'

/** Marks what a hostile request carries, so that a trace of it can be searched for. */
export const MARK = 'left-by-a-hostile-request'

// Longer than any service takes, shorter than the gateway takes.
const OVERSIZED = 600_000

const isGuarded = (operation: Operation) => Array.isArray(operation['x-access'])
const propertiesOf = (operation: Operation): [string, JsonSchema][] =>
  Object.entries(jsonBodyOf(operation)?.schema.properties ?? {})
const withBody = (operation: Operation, attempts: () => Attempt[]): Attempt[] =>
  jsonBodyOf(operation) && canBeAsked(operation) ? attempts() : []
const withFields = (operation: Operation, attempts: () => Attempt[]): Attempt[] =>
  operation.name in takesWhatWasSigned ? [] : withBody(operation, attempts)
// What only API keys may call is for the tests of API keys.
const canBeAsked = (operation: Operation) => !isGuarded(operation) || mayCall(operation).length > 0

export const refusalRules = (house: () => House): void => {
  describe('who does not prove who they are', () => {
    rule('without a token: 401', house, (operation) =>
      isGuarded(operation) ? [{ operation, complaint: expectStatus(401) }] : [],
    )
    rule('with a token that is none: 401, unless no token counts', house, (operation) => [
      {
        operation,
        token: 'not.a.token',
        ...(!isGuarded(operation) && { body: '{}' }),
        complaint: ({ status, problem }) =>
          operation['x-access'] === 'public'
            ? problem.code === 'invalid_token' && 'expected the token to be passed over'
            : status !== 401 && 'expected 401',
      },
    ])
  })

  describe('what is not there', () => {
    rule('an unknown id: 404, and it is named', house, (operation, { tokens }) =>
      pathParameters(operation).length > 0 && canBeAsked(operation) && !(operation.name in answersUnknownIds)
        ? [unknownId(operation, allowedTokenOf(operation, tokens))]
        : [],
    )
  })

  describe('bodies that cannot be read', () => {
    rule('another media type: 415', house, (operation) =>
      withBody(operation, () => [
        { operation, token: allowedToken(house(), operation), contentType: 'text/plain', complaint: expectStatus(415) },
      ]),
    )
    rule('what is no JSON: 400', house, (operation) =>
      withBody(operation, () => [
        { operation, token: allowedToken(house(), operation), body: '{"a":', complaint: expectStatus(400) },
      ]),
    )
    rule('more than anybody needs: 413', house, (operation) =>
      withBody(operation, () => [
        {
          operation,
          token: allowedToken(house(), operation),
          body: JSON.stringify({ ...exampleBody(operation), [MARK]: 'x'.repeat(OVERSIZED) }),
          complaint: expectStatus(413),
        },
      ]),
    )
  })

  describe('bodies that break the schema', () => {
    const bodies = (operation: Operation, changes: Record<string, unknown>) => ({
      operation,
      token: allowedToken(house(), operation),
      body: JSON.stringify({ ...exampleBody(operation), ...changes }),
    })
    rule('a value of another type, which is an operator of the database: 422 with its place', house, (operation) =>
      withFields(operation, () =>
        propertiesOf(operation).map(([name, schema]) => ({
          ...bodies(operation, { [name]: takesObjects(schema) ? [MARK] : { $gt: '', $where: MARK } }),
          what: name,
          complaint: expectInvalid('body', name),
        })),
      ),
    )
    rule('an unknown field: 422 with its place', house, (operation) =>
      withFields(operation, () => [
        { ...bodies(operation, { [MARK]: MARK }), complaint: expectInvalid('body', MARK) },
        { ...bodies(operation, { $where: MARK }), what: '$where', complaint: expectInvalid('body', '$where') },
      ]),
    )
    rule('a field that no client sets: 422 with its place', house, (operation) =>
      withFields(operation, () =>
        NEVER_SET.filter((field) => !mayBeSet[operation.name]?.includes(field)).map((field) => ({
          ...bodies(operation, { [field]: MARK }),
          what: field,
          complaint: expectInvalid('body', field),
        })),
      ),
    )
    rule('a key of the prototype: 422', house, (operation) =>
      withFields(operation, () =>
        ['__proto__', 'constructor'].map((key) => ({
          ...bodies(operation, {}),
          body: `${JSON.stringify({ ...exampleBody(operation), [MARK]: 1 }).replace(`"${MARK}":1`, `"${key}":{"${MARK}":"${MARK}"}`)}`,
          what: key,
          complaint: expectStatus(422),
        })),
      ),
    )
  })

  describe('addresses that break the schema', () => {
    rule('an operator of the database or a key of the prototype in the query: 422', house, (operation) => {
      const names = operation.parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name)
      if (names.length === 0 || !canBeAsked(operation)) return []
      const hostile = [...names.map((name) => `${name}[$gt]=${MARK}`), `__proto__[${MARK}]=1`, `constructor=${MARK}`]
      return hostile.map((query) => ({
        operation,
        token: allowedToken(house(), operation),
        query,
        what: query,
        complaint: expectStatus(422),
      }))
    })
    rule('a value of another kind in the query: 422 with its place', house, (operation) =>
      !canBeAsked(operation)
        ? []
        : operation.parameters
            .filter((parameter) => parameter.in === 'query' && !isFreeText(parameter.schema))
            .map(({ name }) => ({
              operation,
              token: allowedToken(house(), operation),
              query: `${name}=${MARK}-${'x'.repeat(200)}`,
              what: name,
              complaint: expectInvalid('query', name),
            })),
    )
    rule('a page below the first: 422', house, (operation) =>
      operation.parameters
        .filter(({ name }) => canBeAsked(operation) && ['page', 'page_size'].includes(name))
        .map(({ name }) => ({
          operation,
          token: allowedToken(house(), operation),
          query: `${name}=0`,
          what: name,
          complaint: expectInvalid('query', name),
        })),
    )
    rule('an operator of the database or a key of the prototype for an id: no such thing', house, (operation) =>
      pathParameters(operation).length === 0 || !canBeAsked(operation) || operation.name in answersUnknownIds
        ? []
        : ['{"$gt":""}', '__proto__', 'constructor'].map((id) => ({
            operation,
            token: allowedToken(house(), operation),
            params: Object.fromEntries(pathParameters(operation).map(({ name }) => [name, id])),
            what: id,
            complaint: expectStatus(404, 422),
          })),
    )
  })
}

const allowedTokenOf = (operation: Operation, tokens: House['tokens']): string | undefined => {
  const [asker] = mayCall(operation)
  return asker && tokens[asker]
}

const unknownId = (operation: Operation, token: string | undefined): Attempt => {
  const params = unknownIds(operation)
  return {
    operation,
    token,
    params,
    complaint: ({ status, problem: { instance: _instance, ...problem } }) => {
      if (status !== 404) return 'expected 404'
      const said = JSON.stringify(problem)
      return !Object.values(params).some((id) => said.includes(id)) && 'the id is not named'
    },
  }
}

// Objects with fields of their own choice, or objects beside something else; what names its fields refuses others itself.
const takesObjects = ({ anyOf, oneOf, type, properties }: JsonSchema): boolean =>
  (type === 'object' && properties === undefined) ||
  [...(anyOf ?? []), ...(oneOf ?? [])].some((option) => option.type === undefined || option.type === 'object')

const isFreeText = ({ type, enum: values, format, anyOf, ...schema }: JsonSchema): boolean =>
  anyOf
    ? anyOf.some(isFreeText)
    : (type === 'string' || type === undefined) &&
      !values &&
      !format &&
      schema.pattern === undefined &&
      schema.const === undefined
