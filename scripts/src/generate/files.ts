import { mergeDocuments, type ServiceDocument } from '@countinghouse/gateway/documents/merge'
import type { ServiceName as MergedName } from '@countinghouse/gateway/routing'
import { toOpenApi } from '@countinghouse/shared/http/openapi'
import { toAsyncApi } from './asyncapi.js'
import { toClientTypes } from './clientTypes.js'
import { toCollectionPage } from './collections.js'
import { readContracts } from './contracts.js'
import { toErrorPage } from './errors.js'
import { describeServices, settingsOf, type DescribedService } from './house.js'
import { toRequestCollection } from './requests.js'
import { toSettingsPage } from './settings.js'

/** Every file that is made from the code, by its path in the checkout: the same text each time. */
export const generateFiles = async (): Promise<Record<string, string>> => {
  const services = describeServices()
  const merged = mergeServices(services)
  return {
    'docs/generated/openapi.json': toJson(merged),
    'docs/generated/asyncapi.json': toJson(toAsyncApi(await readContracts())),
    'docs/generated/collections.md': toCollectionPage(services),
    'docs/generated/errors.md': toErrorPage(services),
    'docs/generated/settings.md': toSettingsPage(settingsOf),
    'docs/generated/countinghouse.http': toRequestCollection(merged),
    'client/src/generated/operations.ts': toClientTypes(merged),
  }
}

/** The document that the gateway shows when every service answers. */
export const mergeServices = (services: readonly DescribedService[]) =>
  mergeDocuments(
    services.map((service) => [service.name, documentOf(service)] satisfies [MergedName, ServiceDocument]),
    [],
  )

// Through JSON, as the gateway reads it: what is undefined is not there.
const documentOf = ({ name, endpoints, refusals }: DescribedService): ServiceDocument =>
  JSON.parse(JSON.stringify(toOpenApi(name, endpoints, refusals))) as ServiceDocument

const toJson = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`
