import { canonicalUrl } from '@countinghouse/shared/http/path'
import { destinationOf, type ServiceName } from '../routing.js'
import { createComponentPool, type Components } from './components.js'
import { ownPaths, ownTags } from './own.js'
import { withGatewayRefusals } from './refusals.js'

export type Answer = { $ref?: string | undefined; description?: string | undefined }
export type Operation = { operationId?: string | undefined; responses?: Record<string, Answer> | undefined }
type Paths = Record<string, Record<string, Operation>>
type Tag = { name: string }

/** What the gateway reads of a service's OpenAPI document. */
export type ServiceDocument = { tags: Tag[]; paths: Paths; components: Components }

export type MergedDocument = {
  openapi: '3.1.0'
  info: { title: string; version: string; description: string }
  servers: { url: string }[]
  tags: Tag[]
  paths: Paths
  components: Components
  /** Services that do not answer now: what is shown of them is what they last said. */
  'x-unavailable'?: ServiceName[]
}

/** The one document of the platform, from those of its services in a fixed order. */
export const mergeDocuments = (
  documents: [ServiceName, ServiceDocument][],
  unavailable: ServiceName[],
): MergedDocument => {
  const pool = createComponentPool()
  const operationIds = new Set(Object.values(ownPaths).map(({ get }) => get.operationId))
  const paths: Paths = { ...ownPaths }
  for (const [service, told] of documents) {
    const document = withGatewayRefusals(told)
    const { securitySchemes: _shared, ...components } = document.components
    const rewrite = pool.add(prefixOf(service), components)
    for (const [path, operations] of reachablePaths(service, document)) {
      paths[path] = withUniqueIds(rewrite(operations), prefixOf(service), operationIds)
    }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Countinghouse', version: '1.0.0', description: 'Cash, loans, stock and books under one roof.' },
    servers: [{ url: '/' }],
    tags: uniqueTags([...ownTags, ...documents.flatMap(([, { tags }]) => tags)]),
    paths,
    // A security scheme is referred to by its bare name, so it means the same in every document.
    components: { ...pool.components, securitySchemes: securitySchemesOf(documents) },
    ...(unavailable.length > 0 && { 'x-unavailable': unavailable }),
  }
}

/** A path that this gateway does not hand to the service is none of its API. */
const reachablePaths = (service: ServiceName, { paths }: ServiceDocument) =>
  Object.entries(paths).filter(([path]) => destinationOf(canonicalUrl(path))?.owner === service)

const withUniqueIds = (operations: Record<string, Operation>, prefix: string, taken: Set<string>) =>
  Object.fromEntries(
    Object.entries(operations).map(([method, operation]) => {
      if (operation.operationId === undefined) return [method, operation]
      const operationId = freeId(operation.operationId, prefix, taken)
      taken.add(operationId)
      return [method, { ...operation, operationId }]
    }),
  )

const freeId = (id: string, prefix: string, taken: Set<string>): string =>
  taken.has(id) ? freeId(prefix.toLowerCase() + capitalised(id), prefix, taken) : id

const uniqueTags = (tags: Tag[]): Tag[] =>
  tags.filter(({ name }, at) => tags.findIndex((tag) => tag.name === name) === at)

const securitySchemesOf = (documents: [ServiceName, ServiceDocument][]): Record<string, unknown> =>
  Object.assign({}, ...documents.map(([, { components }]) => components['securitySchemes'])) as Record<string, unknown>

/** `loan-service` → `Loan`. */
const prefixOf = (service: ServiceName): string => capitalised(service.replace(/-.*/, ''))
const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
