import { SCOPES } from '@countinghouse/shared/contracts/auth'
import { Page, rangeOf } from '@countinghouse/shared/http/page'
import { defineCollection } from '@countinghouse/shared/mongo/collection'
import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
import type { ApiKey } from './domain.js'

export const apiKeys = defineCollection<ApiKey>(
  'api_keys',
  {
    name: { type: String, required: true },
    scopes: { type: [{ type: String, enum: SCOPES }], required: true },
    prefix: { type: String, required: true },
    keyHash: { type: String, required: true },
    createdBy: { type: String, required: true },
    createdAt: { type: Date, required: true },
    expiresAt: Date,
    revokedAt: Date,
    lastUsedAt: Date,
  },
  { indexes: [{ fields: { keyHash: 1 }, options: { unique: true } }] },
)

export const findApiKey = (reads: Reads, id: string) => reads.findOne(apiKeys, { _id: id })

export const findApiKeyByHash = (reads: Reads, keyHash: string) => reads.findOne(apiKeys, { keyHash })

export const listApiKeys = async (reads: Reads, query: { page: number; page_size: number }): Promise<Page<ApiKey>> => {
  const found = await reads.find(apiKeys, {}, { sort: { _id: -1 }, ...rangeOf(query) })
  return new Page(found, await reads.count(apiKeys, {}), query)
}

export const insertApiKey = (tx: Tx, key: ApiKey): Promise<void> => tx.insert(apiKeys, key)

export const updateApiKey = async (
  tx: Tx,
  id: string,
  change: Partial<Pick<ApiKey, 'name' | 'revokedAt' | 'lastUsedAt'>>,
): Promise<void> => {
  await tx.update(apiKeys, { _id: id }, { $set: change })
}
