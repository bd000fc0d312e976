import { accountSyncDue } from '@countinghouse/shared/contracts/accountSync'
import { newEvent, type Envelope } from '@countinghouse/shared/messaging/event'

/** A worker is wanted for this job. */
export const accountSyncDueFor = ({ _id }: { _id: string }): Envelope => newEvent(accountSyncDue, _id, { job_id: _id })
