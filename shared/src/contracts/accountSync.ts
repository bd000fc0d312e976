import { z } from 'zod'
import { defineEvent } from '../messaging/event.js'

/** Accounts wait to be synced: whichever worker takes this does the job, unless another has it already. */
export const accountSyncDue = defineEvent('account-sync.due', 1, 'wallet-service', z.object({ job_id: z.string() }))
