import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { ServiceName } from '../routing.js'
import { mergeDocuments, type ServiceDocument } from './merge.js'
import { ownPaths } from './own.js'

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })
const uses = (operationId: string, ...names: string[]) => ({ get: { operationId, schema: names.map(ref) } })
const document = (paths: ServiceDocument['paths'], schemas: Record<string, unknown> = {}, tags: string[] = []) => ({
  tags: tags.map((name) => ({ name })),
  paths,
  components: { schemas, securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
})
const merge = (...documents: [ServiceName, ServiceDocument][]) => mergeDocuments(documents, [])
const schemasOf = (merged: { components: Record<string, Record<string, unknown>> }) =>
  merged.components['schemas'] ?? {}

const refsIn = (value: unknown): string[] =>
  value !== null && typeof value === 'object'
    ? Object.entries(value).flatMap(([key, inner]) => (key === '$ref' ? [inner as string] : refsIn(inner)))
    : []

describe('components', () => {
  const money = { type: 'number' }

  test('an identical one is shared', () => {
    const merged = merge(
      ['wallet-service', document({ '/api/v1/wallet': uses('a', 'Money') }, { Money: money })],
      ['loan-service', document({ '/api/v1/loans': uses('b', 'Money') }, { Money: { ...money } })],
    )
    expect(schemasOf(merged)).toEqual({ Money: money })
    expect(new Set(refsIn(merged))).toEqual(new Set(['#/components/schemas/Money']))
  })

  test('a conflicting one is renamed, with all that refers to it', () => {
    const merged = merge(
      ['wallet-service', document({ '/api/v1/wallet': uses('a', 'Money') }, { Money: money })],
      [
        'loan-service',
        document(
          { '/api/v1/loans': uses('b', 'Money', 'Loan') },
          { Money: { type: 'string' }, Loan: { x: ref('Money') } },
        ),
      ],
    )
    expect(schemasOf(merged)).toEqual({ Money: money, LoanMoney: { type: 'string' }, Loan: { x: ref('LoanMoney') } })
    expect(refsIn(merged.paths['/api/v1/wallet'])).toEqual(['#/components/schemas/Money'])
    expect(refsIn(merged.paths['/api/v1/loans'])).toEqual([
      '#/components/schemas/LoanMoney',
      '#/components/schemas/Loan',
    ])
  })

  test('two that read alike but refer to different things are not the same', () => {
    const bill = { amount: ref('Money') }
    const merged = merge(
      ['wallet-service', document({ '/api/v1/wallet': uses('a', 'Bill') }, { Money: money, Bill: bill })],
      ['loan-service', document({ '/api/v1/loans': uses('b', 'Bill') }, { Money: { type: 'string' }, Bill: bill })],
    )
    expect(schemasOf(merged)).toEqual({
      Money: money,
      Bill: bill,
      LoanMoney: { type: 'string' },
      LoanBill: { amount: ref('LoanMoney') },
    })
  })

  test('one that refers to itself is merged like any other', () => {
    const tree = { children: ref('Tree') }
    const merged = merge(
      ['wallet-service', document({ '/api/v1/wallet': uses('a', 'Tree') }, { Tree: tree })],
      ['loan-service', document({ '/api/v1/loans': uses('b', 'Tree') }, { Tree: tree })],
    )
    expect(schemasOf(merged)).toEqual({ Tree: tree })
  })

  test('security schemes keep their names, by which operations know them', () => {
    const merged = merge(['loan-service', document({})], ['wallet-service', document({})])
    expect(merged.components['securitySchemes']).toEqual({ bearer: { type: 'http', scheme: 'bearer' } })
  })
})

test('whatever the services say, every reference means what it meant and every operation has an id of its own', () => {
  const names = fc.constantFrom('A', 'B', 'C')
  const schema = fc.record({ type: fc.constantFrom('string', 'number'), refs: fc.array(names, { maxLength: 2 }) })
  const input = fc.record({ schemas: fc.tuple(schema, schema, schema), id: names })
  const services = { 'wallet-service': '/wallet', 'loan-service': '/loans', 'inventory-service': '/items' } as const
  const toDocument = ({ schemas, id }: typeof input extends fc.Arbitrary<infer T> ? T : never, path: string) =>
    document(
      { [`/api/v1${path}`]: uses(id, 'A', 'B', 'C') },
      Object.fromEntries(schemas.map(({ type, refs }, at) => ['ABC'[at] ?? '', { type, refs: refs.map(ref) }])),
    )
  // Follows references to a depth that tells any two of these apart.
  const unfold = (value: unknown, schemas: Record<string, unknown>, depth: number): unknown => {
    if (value === null || typeof value !== 'object' || depth === 0) return null
    if (Array.isArray(value)) return value.map((one) => unfold(one, schemas, depth))
    if ('$ref' in value) return unfold(schemas[String(value.$ref).split('/')[3] ?? ''], schemas, depth - 1)
    const { type, refs, schema: inner } = value as Record<string, unknown>
    return { type, refs: unfold(refs, schemas, depth), inner: unfold(inner, schemas, depth) }
  }
  fc.assert(
    fc.property(fc.tuple(input, input, input), (inputs) => {
      const documents = Object.entries(services).map(
        ([name, path], at) => [name, toDocument(inputs[at] ?? inputs[0], path)] as [ServiceName, ServiceDocument],
      )
      const merged = merge(...documents)
      for (const target of refsIn(merged)) expect(Object.keys(schemasOf(merged))).toContain(target.split('/')[3])
      for (const [, { paths, components }] of documents) {
        const [path, operations] = Object.entries(paths)[0] ?? ['', {}]
        const before = unfold(operations['get'], components['schemas'] ?? {}, 5)
        expect(unfold(merged.paths[path]?.['get'], schemasOf(merged), 5)).toEqual(before)
      }
      const ids = Object.values(merged.paths).flatMap((operations) =>
        Object.values(operations).map((one) => one.operationId),
      )
      expect(new Set(ids).size).toBe(ids.length)
    }),
  )
})

test('an operation id that two services use gets the name of the later one', () => {
  const merged = merge(
    ['wallet-service', document({ '/api/v1/wallet': uses('getIt') })],
    ['loan-service', document({ '/api/v1/loans': uses('getIt') })],
  )
  expect(merged.paths['/api/v1/wallet']?.['get']?.operationId).toBe('getIt')
  expect(merged.paths['/api/v1/loans']?.['get']?.operationId).toBe('loanGetIt')
})

test('the gateway names its own routes, once each tag, and itself as the one server', () => {
  const merged = merge(['loan-service', document({}, {}, ['Loans', 'Operations'])])
  expect(merged).toMatchObject({ openapi: '3.1.0', servers: [{ url: '/' }] })
  expect(merged.tags.map(({ name }) => name)).toEqual(['Operations', 'Loans'])
  expect(Object.keys(merged.paths)).toEqual(Object.keys(ownPaths))
})

test('a path that the gateway does not hand to a service is none of its API', () => {
  const merged = merge([
    'loan-service',
    document({ '/api/v1/loans': uses('a'), '/api/v1/items': uses('b'), '/x': uses('c') }),
  ])
  expect(Object.keys(merged.paths)).toEqual([...Object.keys(ownPaths), '/api/v1/loans'])
})

test('services that are away are named', () => {
  expect(mergeDocuments([], ['loan-service'])['x-unavailable']).toEqual(['loan-service'])
  expect(mergeDocuments([], [])).not.toHaveProperty('x-unavailable')
})
