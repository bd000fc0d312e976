import type { Log } from '@countinghouse/shared/log'
import { z } from 'zod'
import { SERVICES, type ServiceName } from '../routing.js'
import { mergeDocuments, type MergedDocument, type ServiceDocument } from './merge.js'

export type CatalogueDeps = {
  urls: Record<ServiceName, string>
  log: Log
  /** A clock that never steps back, in milliseconds. */
  now: () => number
}

const FRESH_FOR_MS = 5_000
const TIMEOUT_MS = 2_000

/** The merged document as the services tell it now, asked anew every few seconds at most. */
export const createCatalogue = (deps: CatalogueDeps): (() => Promise<MergedDocument>) => {
  const known = new Map<ServiceName, ServiceDocument>()
  let merged: Promise<MergedDocument> | undefined
  let freshUntil = 0
  return () => {
    if (merged && deps.now() < freshUntil) return merged
    freshUntil = deps.now() + FRESH_FOR_MS
    return (merged = collect(deps, known))
  }
}

const collect = async (
  { urls, log }: CatalogueDeps,
  known: Map<ServiceName, ServiceDocument>,
): Promise<MergedDocument> => {
  const answers = await Promise.all(
    SERVICES.map(async (service) => {
      try {
        known.set(service, await readDocument(urls[service]))
        return []
      } catch (error) {
        log.warn({ upstream: service, reason: String(error) }, 'A service does not tell its document')
        return [service]
      }
    }),
  )
  const inOrder = SERVICES.flatMap((service) => {
    const document = known.get(service)
    return document ? [[service, document] satisfies [ServiceName, ServiceDocument]] : []
  })
  return mergeDocuments(inOrder, answers.flat())
}

const answer = z.looseObject({ $ref: z.string().optional(), description: z.string().optional() })
const operation = z.looseObject({
  operationId: z.string().optional(),
  responses: z.record(z.string(), answer).optional(),
})

const documentSchema = z.object({
  openapi: z.literal('3.1.0'),
  tags: z.array(z.looseObject({ name: z.string() })).default([]),
  paths: z.record(z.string(), z.record(z.string(), operation)),
  components: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
})

const readDocument = async (url: string): Promise<ServiceDocument> => {
  const response = await fetch(`${url}/openapi.json`, { signal: AbortSignal.timeout(TIMEOUT_MS) })
  if (!response.ok) throw new Error(`It answers ${response.status.toString()}`)
  return documentSchema.parse(await response.json())
}
