import { Feed } from '@countinghouse/shared/http/page'
import type { Reads } from '@countinghouse/shared/mongo/transaction'
import type { Account } from '../ledger/domain.js'
import { accounts } from '../ledger/store.js'

type AccountFilter = { cursor?: string | undefined; page_size: number; kind?: Account['kind'] | undefined }

/** All accounts of the books, by id. */
export const listAccounts = async (
  reads: Reads,
  { cursor, page_size, kind }: AccountFilter,
): Promise<Feed<Account>> => {
  const filter = { ...(cursor !== undefined && { _id: { $gt: cursor } }), ...(kind && { kind }) }
  const found = await reads.find(accounts, filter, { sort: { _id: 1 }, limit: page_size + 1 })
  return Feed.of(found, page_size, ({ _id }) => _id)
}
