import type { Vault } from '@countinghouse/shared/crypto'
import { faultPoint } from '@countinghouse/shared/fault'
import { TryLater, type JobRun } from '@countinghouse/shared/jobs/worker'
import { counter } from '@countinghouse/shared/metrics'
import { inTransaction, readsOn, type Tx } from '@countinghouse/shared/mongo/transaction'
import { Refusal } from '@countinghouse/shared/refusal'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { Connection } from 'mongoose'
import { institutionOf, sealContextOf } from '../commands/links.js'
import { SYNC_OUTCOMES, type AccountLink, type LinkSync, type SyncOutcome } from '../domain/link.js'
import { applyPage, namedIn, type MovementPage, type PageCounts } from '../domain/movements.js'
import type { Institutions } from '../institution.js'
import { accountLinks, linkSyncs, updateLink } from '../store/links.js'
import { findMovements, saveMovements } from '../store/movements.js'
import { saveAccounts, type AccountIds } from './saveAccounts.js'

export type SyncDeps = { db: Connection; vault: Vault; institutions: Institutions; now: () => Date }

/** How far a job is: with which link, and what came of that so far. */
export type SyncCheckpoint = { linkId: string; counts: PageCounts }

/** One link of a job, at its place among those that the job syncs. */
export type Syncing = { deps: SyncDeps; job: JobRun; linkId: string; done: number }

export type SyncResult = { link_id: string; outcome: SyncOutcome } & PageCounts & { accounts: number }

const syncs = counter('account_syncs_total', 'Syncs of a link by what came of them', { outcome: SYNC_OUTCOMES })
const rows = counter('account_sync_movements_total', 'Movements that syncs brought', {
  change: ['added', 'modified', 'removed'],
})

/** Brings the accounts and movements of a link up to date; undefined when the link is gone meanwhile. */
export const syncLink = async (syncing: Syncing): Promise<SyncResult | undefined> => {
  const { deps, linkId } = syncing
  const link = await readsOn(deps.db).findOne(accountLinks, { _id: linkId })
  if (!link) return undefined
  const startedAt = deps.now()
  try {
    const { counts, accounts } = await follow(syncing, link)
    return await finish(syncing, link, { outcome: 'succeeded', ...counts, accounts, startedAt })
  } catch (error) {
    return settleFailure(syncing, link, { error, startedAt })
  }
}

const nothing: PageCounts = { added: 0, modified: 0, removed: 0 }

const follow = async (syncing: Syncing, link: AccountLink): Promise<{ counts: PageCounts; accounts: number }> => {
  const { deps, job } = syncing
  const institution = institutionOf(deps.institutions, link.institution)
  const token = deps.vault.open(link.sealedToken, sealContextOf(link))
  const reported = await institution.accounts(token)
  const accountIds = await saveAccounts(syncing, link, reported)
  const checkpoint = job.checkpoint as SyncCheckpoint | null
  let counts = checkpoint?.linkId === link._id ? checkpoint.counts : nothing
  for (let cursor = link.cursor; ;) {
    const page = await institution.movements(token, cursor)
    counts = await savePage(syncing, { link: { ...link, cursor }, page, accountIds, counts })
    if (!page.hasMore) return { counts, accounts: accountIds.size }
    cursor = page.nextCursor
  }
}

type Saving = { link: AccountLink; page: MovementPage; accountIds: AccountIds; counts: PageCounts }

/** The rows of a page, the cursor behind it and the progress of the job: all or nothing. */
const savePage = ({ deps, job, done }: Syncing, { link, page, accountIds, counts }: Saving): Promise<PageCounts> =>
  inTransaction(deps.db, async (tx) => {
    const movements = await findMovements(tx, link._id, namedIn(page))
    const applied = applyPage(page, { linkId: link._id, userId: link.userId }, { movements, accountIds }, deps.now())
    const sum = added(counts, applied.counts)
    await job.progress(tx, { done, checkpoint: { linkId: link._id, counts: sum } satisfies SyncCheckpoint })
    await saveMovements(tx, applied.changed)
    faultPoint('account-sync:rows-written')
    const moved = await tx.update(
      accountLinks,
      { _id: link._id, cursor: link.cursor },
      { $set: { cursor: page.nextCursor } },
    )
    if (moved === 0) throw new Error('The link was synced by somebody else, or is gone')
    faultPoint('account-sync:before-commit')
    return sum
  }).then((sum) => {
    for (const change of ['added', 'modified', 'removed'] as const) rows.inc({ change }, sum[change] - counts[change])
    faultPoint('account-sync:page-committed')
    return sum
  })

const added = (one: PageCounts, other: PageCounts): PageCounts => ({
  added: one.added + other.added,
  modified: one.modified + other.modified,
  removed: one.removed + other.removed,
})

type Ending = Pick<LinkSync, 'outcome' | 'startedAt' | 'accounts'> & PageCounts

const finish = async ({ deps, job, done }: Syncing, link: AccountLink, ending: Ending): Promise<SyncResult> => {
  const { startedAt: _startedAt, ...result } = ending
  await inTransaction(deps.db, async (tx) => {
    await job.progress(tx, { done: done + 1, checkpoint: null })
    await noteSync(tx, job, link, { ...ending, finishedAt: deps.now() })
    const status = ending.outcome === 'login_required' ? 'login_required' : 'ok'
    await updateLink(tx, link._id, { status, ...(status === 'ok' && { lastSyncedAt: deps.now() }) })
  })
  syncs.inc({ outcome: ending.outcome })
  return { link_id: link._id, ...result }
}

const noteSync = async (
  tx: Tx,
  job: JobRun,
  { _id: linkId, userId }: AccountLink,
  ending: Ending & { finishedAt: Date },
): Promise<void> => {
  await tx.insert(linkSyncs, { _id: uuidv7(), linkId, userId, jobId: job._id, ...ending })
}

type Failure = { error: unknown; startedAt: Date }

const settleFailure = async (
  syncing: Syncing,
  link: AccountLink,
  { error, startedAt }: Failure,
): Promise<SyncResult> => {
  const { deps, job } = syncing
  const ending = { ...nothing, accounts: 0, startedAt }
  if (error instanceof Refusal && error.code === 'login_required')
    return finish(syncing, link, { ...ending, outcome: 'login_required' })
  const later = toLater(error)
  if (!job.signal.aborted && later !== error) {
    await inTransaction(deps.db, (tx) =>
      noteSync(tx, job, link, { ...ending, outcome: 'failed', finishedAt: deps.now() }),
    )
    syncs.inc({ outcome: 'failed' })
  }
  throw later
}

/** An institution that is away, or has enough of us, is asked again later; how much later, it may say itself. */
const toLater = (error: unknown): unknown => {
  if (!(error instanceof Refusal)) return error
  const { retry_after } = error.context
  if (error.code === 'institution_limited')
    return new TryLater(error, typeof retry_after === 'number' ? retry_after * 1_000 : undefined)
  return error.status >= 500 ? new TryLater(error) : error
}
