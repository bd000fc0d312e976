import { accountSyncDue } from '@countinghouse/shared/contracts/accountSync'
import { countFromZero, workOnce, type WorkerDeps } from '@countinghouse/shared/jobs/worker'
import { on, type Handler } from '@countinghouse/shared/messaging/delivery'

/** Takes jobs from the queue. What is written of a job says whether it is still to be done, so a repeat does no harm. */
export const accountSyncConsumers = (deps: WorkerDeps, stopping: AbortSignal): Handler[] => {
  countFromZero(deps.kinds)
  return [on(accountSyncDue, async ({ event }) => void (await workOnce(deps, stopping, event.data.job_id)))]
}
