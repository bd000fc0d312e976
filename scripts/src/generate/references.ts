import type { Index } from '@countinghouse/shared/mongo/collection'

/** What the database enforces, as MongoDB's `$jsonSchema` says it. */
export type Shape = {
  bsonType?: string | string[]
  enum?: (string | number | null)[]
  properties?: Record<string, Shape>
  required?: string[]
  items?: Shape
  additionalProperties?: Shape
}

export type Collection = { name: string; shape: Shape; indexes: Required<Index>[] }

export type Owner = { name: string; collections: readonly Collection[] }
type Reference = { from: string; field: string; to: string; isAbroad: boolean; cardinality: string }

/** The references of a service's collections as a diagram; empty when no name of a field tells one. */
export const toDiagram = (service: string, owners: readonly Owner[]): string => {
  const references = referencesOf(service, owners)
  if (references.length === 0) return ''
  const lines = references.map(({ from, field, to, isAbroad, cardinality }) => {
    const [left = '', right = ''] = cardinality.split(' ')
    return `  ${from} ${left}${isAbroad ? '..' : '--'}${right} ${to} : "${field}"`
  })
  return ['```mermaid', 'erDiagram', ...lines, '```', ''].join('\n')
}

// Where a collection has another name than its documents are called by.
const called: Record<string, string> = { trade_customers: 'customer', loan_products: 'product', accountLinks: 'link' }
const others: Record<string, string> = { 'accountMovements.accountId': 'linkedAccounts' }

/** What `<x>Id` refers to: a collection `<x>s` of the same service, or the only one of that name elsewhere. */
const referencesOf = (service: string, owners: readonly Owner[]): Reference[] => {
  const own = owners.find(({ name }) => name === service)?.collections ?? []
  return own.flatMap((collection) =>
    idsIn(collection.shape).flatMap(({ path, name, isList, isRequired }): Reference[] => {
      const cardinality = isList ? '}o o{' : `${isUnique(collection, path) ? '|o' : '}o'} ${isRequired ? '||' : 'o|'}`
      const reference = { from: collection.name, field: path, cardinality }
      const other = others[`${collection.name}.${path}`]
      const local = own.find((one) => one.name === other) ?? targetIn(own, name)
      if (local) return local === collection ? [] : [{ ...reference, to: local.name, isAbroad: false }]
      const abroad = owners.flatMap((owner) => {
        const target = owner.collections.find((one) => singularOf(one.name) === name)
        return target ? [`"${owner.name}/${target.name}"`] : []
      })
      const [to] = abroad
      return to !== undefined && abroad.length === 1 ? [{ ...reference, to, isAbroad: true }] : []
    }),
  )
}

// `fromWarehouseId` is the id of a warehouse.
const targetIn = (collections: readonly Collection[], name: string): Collection | undefined => {
  const found = collections.find((collection) => singularOf(collection.name) === name)
  const rest = /^[a-z0-9]+([A-Z].*)$/.exec(name)?.[1]
  if (found || rest === undefined) return found
  return targetIn(collections, rest.charAt(0).toLowerCase() + rest.slice(1))
}

const singularOf = (name: string): string =>
  called[name] ??
  name
    .replace(/[_-](\w)/g, (_, letter: string) => letter.toUpperCase())
    .replace(/ies$/, 'y')
    .replace(/(ch|sh|ss|x)es$/, '$1')
    .replace(/s$/, '')

const isUnique = ({ indexes }: Collection, path: string): boolean =>
  indexes.some(({ fields, options }) => options.unique === true && Object.keys(fields).join() === path)

type Id = { path: string; name: string; isList: boolean; isRequired: boolean }

const idsIn = ({ properties = {}, required = [] }: Shape, inside: Partial<Id> = {}): Id[] =>
  Object.entries(properties).flatMap(([key, shape]): Id[] => {
    const { path: before = '', isList = false, isRequired = true } = inside
    const here = {
      path: `${before}${key}${shape.items ? '[]' : ''}`,
      isList: isList || shape.items !== undefined,
      isRequired: isRequired && required.includes(key),
    }
    // What a provider calls its own is not ours.
    const [, name] = /^(?!provider)(\w+)Ids?$/.exec(key) ?? []
    if (name !== undefined) return [{ ...here, name }]
    return idsIn(shape.items ?? shape, { ...here, path: `${here.path}.` })
  })
