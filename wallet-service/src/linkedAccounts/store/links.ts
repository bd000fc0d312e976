import { Feed } from '@countinghouse/shared/http/page'
import { defineCollection } from '@countinghouse/shared/mongo/collection'
import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
import type { LinkedAccount } from '../domain/account.js'
import { LINK_STATUSES, SYNC_OUTCOMES, type AccountLink, type LinkSync } from '../domain/link.js'
import { accountMovements } from './movements.js'

export const accountLinks = defineCollection<AccountLink>(
  'accountLinks',
  {
    userId: { type: String, required: true },
    institution: { type: String, required: true },
    status: { type: String, enum: LINK_STATUSES, required: true },
    sealedToken: { type: String, required: true },
    cursor: String,
    jobId: String,
    leftOut: { type: [String], required: true },
    lastSyncedAt: Date,
    createdAt: { type: Date, required: true },
  },
  { indexes: [{ fields: { userId: 1, _id: 1 } }] },
)

const count = { type: Number, required: true }

export const linkSyncs = defineCollection<LinkSync>(
  'linkSyncs',
  {
    linkId: { type: String, required: true },
    userId: { type: String, required: true },
    jobId: { type: String, required: true },
    outcome: { type: String, enum: SYNC_OUTCOMES, required: true },
    added: count,
    modified: count,
    removed: count,
    accounts: count,
    startedAt: { type: Date, required: true },
    finishedAt: { type: Date, required: true },
  },
  { indexes: [{ fields: { linkId: 1, _id: -1 } }] },
)

export const findLink = (reads: Reads, userId: string, linkId: string): Promise<AccountLink | undefined> =>
  reads.findOne(accountLinks, { _id: linkId, userId })

export const listLinks = (reads: Reads, userId: string): Promise<AccountLink[]> =>
  reads.find(accountLinks, { userId }, { sort: { _id: 1 } })

export const updateLink = async (tx: Tx, linkId: string, fields: Partial<AccountLink>): Promise<boolean> =>
  (await tx.update(accountLinks, { _id: linkId }, { $set: fields })) === 1

/** Ends what hangs on an account: its movements, and its part in the link it came through. */
export const forgetAccount = async (tx: Tx, { _id, linkId, externalId }: LinkedAccount): Promise<void> => {
  if (linkId === null || externalId === null) return
  await tx.remove(accountMovements, { accountId: _id })
  await tx.update(accountLinks, { _id: linkId }, { $addToSet: { leftOut: externalId } })
}

/** What the syncs of a link came to, newest first. */
export const listSyncs = async (
  reads: Reads,
  { linkId, cursor, page_size }: { linkId: string; cursor?: string | undefined; page_size: number },
): Promise<Feed<LinkSync>> => {
  const filter = { linkId, ...(cursor !== undefined && { _id: { $lt: cursor } }) }
  const found = await reads.find(linkSyncs, filter, { sort: { _id: -1 }, limit: page_size + 1 })
  return Feed.of(found, page_size, ({ _id }) => _id)
}
