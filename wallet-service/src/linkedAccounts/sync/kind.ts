import type { JobKind, JobRun } from '@countinghouse/shared/jobs/worker'
import { refuse } from '../../errors.js'
import { ACCOUNT_SYNC, type SyncInput } from '../commands/links.js'
import { syncLink, type SyncDeps, type SyncResult } from './syncLink.js'

/** Syncs links one after another. When each of them wants its user to log in again, the job has failed for that. */
export const accountSyncKind = (deps: SyncDeps): JobKind => ({
  name: ACCOUNT_SYNC,
  run: async (job: JobRun) => {
    const { linkIds } = job.input as SyncInput
    const results: SyncResult[] = []
    for (const [index, linkId] of linkIds.entries()) {
      if (index < job.done) continue
      const result = await syncLink({ deps, job, linkId, done: index })
      if (result) results.push(result)
    }
    if (results.length > 0 && results.every(({ outcome }) => outcome === 'login_required'))
      throw refuse('login_required')
    return { links: results }
  },
})
