/** A user's connection to an institution that tells about their accounts there. */
export type AccountLink = {
  _id: string
  userId: string
  institution: string
  status: LinkStatus
  /** What opens the institution's doors, encrypted. */
  sealedToken: string
  /** How far the movements are read. */
  cursor: string | null
  /** The job that syncs it, or did last: while that is open there is no other. */
  jobId: string | null
  /** Accounts that their user took out, by the institution's names for them. */
  leftOut: string[]
  lastSyncedAt: Date | null
  createdAt: Date
}

export const LINK_STATUSES = ['ok', 'login_required'] as const
export type LinkStatus = (typeof LINK_STATUSES)[number]

export const SYNC_OUTCOMES = ['succeeded', 'login_required', 'failed'] as const
export type SyncOutcome = (typeof SYNC_OUTCOMES)[number]

/** One sync of one link, for its history. */
export type LinkSync = {
  _id: string
  linkId: string
  userId: string
  jobId: string
  outcome: SyncOutcome
  added: number
  modified: number
  removed: number
  accounts: number
  startedAt: Date
  finishedAt: Date
}
