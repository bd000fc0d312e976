import { isText } from '@countinghouse/shared/mongo/partial'
import type { Vault } from '@countinghouse/shared/crypto'
import { findJob, startJob, type Job } from '@countinghouse/shared/jobs/store'
import { addToOutbox } from '@countinghouse/shared/messaging/outbox'
import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { refuse } from '../../errors.js'
import type { AccountLink } from '../domain/link.js'
import { accountSyncDueFor } from '../events.js'
import type { Credentials, Institution, Institutions } from '../institution.js'
import { linkedAccounts, nextVersionOf } from '../store/accounts.js'
import { accountLinks, findLink, linkSyncs, listLinks, updateLink } from '../store/links.js'
import { accountMovements } from '../store/movements.js'
import { getAccount, type Place } from './accounts.js'

export const ACCOUNT_SYNC = 'wallet.account-sync'

export type SyncInput = { linkIds: readonly string[] }
export type LinkPlace = { userId: string; linkId: string }
export type Connecting = { institutions: Institutions; vault: Vault }

export const institutionOf = (institutions: Institutions, name: string): Institution => {
  const institution = Object.hasOwn(institutions, name) ? institutions[name] : undefined
  if (!institution) throw refuse('institution_unknown', { institution: name })
  return institution
}

/** Says what a sealed token belongs to, so that it opens nowhere else. */
export const sealContextOf = ({ _id }: Pick<AccountLink, '_id'>): string => `account-link:${_id}`

export type Opened = Pick<AccountLink, '_id' | 'institution' | 'sealedToken'>

/** Asks the institution for a token; what the user gave for it is not kept. */
export const openDoor = async (
  { institutions, vault }: Connecting,
  { linkId = uuidv7(), institution, credentials }: { linkId?: string; institution: string; credentials: Credentials },
): Promise<Opened> => {
  const token = await institutionOf(institutions, institution).login(credentials)
  return { _id: linkId, institution, sealedToken: vault.seal(token, sealContextOf({ _id: linkId })) }
}

export type Started = { link: AccountLink; job: Job }

export const addLink = async (tx: Tx, userId: string, opened: Opened, now: Date): Promise<Started> => {
  const state = { status: 'ok', cursor: null, jobId: null, leftOut: [], lastSyncedAt: null, createdAt: now } as const
  await tx.insert(accountLinks, { ...opened, userId, ...state, leftOut: [] })
  return withSync(tx, { userId, linkId: opened._id }, now)
}

/** Another login at the same institution: the link goes on where it stands. */
export const reopenLink = async (tx: Tx, place: LinkPlace, { sealedToken }: Opened, now: Date): Promise<Started> => {
  await getLink(tx, place)
  await updateLink(tx, place.linkId, { sealedToken, status: 'ok' })
  return withSync(tx, place, now)
}

const withSync = async (tx: Tx, { userId, linkId }: LinkPlace, now: Date): Promise<Started> => {
  const job = await startSync(tx, { userId, linkIds: [linkId], now })
  return { link: await getLink(tx, { userId, linkId }), job }
}

export const getLink = async (reads: Reads, { userId, linkId }: LinkPlace): Promise<AccountLink> => {
  const link = await findLink(reads, userId, linkId)
  if (!link) throw refuse('link_not_found', { link_id: linkId })
  return link
}

/** Ends a link with the accounts that came through it. */
export const removeLink = async (tx: Tx, place: LinkPlace): Promise<void> => {
  const { linkId, userId } = place
  await getLink(tx, place)
  await nextVersionOf(tx, userId)
  await tx.remove(accountLinks, { _id: linkId })
  await tx.remove(linkedAccounts, { linkId: isText(linkId) })
  await tx.remove(accountMovements, { linkId })
  await tx.remove(linkSyncs, { linkId })
}

export const syncAll = async (tx: Tx, userId: string, now: Date): Promise<Job> => {
  const links = await listLinks(tx, userId)
  return startSync(tx, { userId, linkIds: links.map(({ _id }) => _id), now })
}

/** Syncs what an account came through; one that was entered by hand follows nothing, so there is nothing to do. */
export const syncOne = async (tx: Tx, place: Place, now: Date): Promise<Job> => {
  const { linkId } = await getAccount(tx, place)
  return startSync(tx, { userId: place.userId, linkIds: linkId === null ? [] : [linkId], now })
}

/** Starts a job for those of the links that no open job syncs; when each has one already, that one is the answer. */
const startSync = async (
  tx: Tx,
  { userId, linkIds, now }: { userId: string; linkIds: readonly string[]; now: Date },
): Promise<Job> => {
  const open: Job[] = []
  const free: string[] = []
  for (const linkId of linkIds) {
    const { jobId } = await getLink(tx, { userId, linkId })
    const job = jobId === null ? undefined : await findJob(tx, jobId)
    if (job && !job.finishedAt) open.push(job)
    else free.push(linkId)
  }
  const [underWay] = open
  if (underWay && free.length === 0) return underWay
  const input: SyncInput = { linkIds: free }
  const job = await startJob(tx, { kind: ACCOUNT_SYNC, owner: `user:${userId}`, input, total: free.length, now })
  for (const linkId of free) await updateLink(tx, linkId, { jobId: job._id })
  await addToOutbox(tx, accountSyncDueFor(job))
  return job
}
