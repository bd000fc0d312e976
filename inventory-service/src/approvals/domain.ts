import { refuse } from '../errors.js'

export const APPROVAL_STATUSES = ['pending', 'approved', 'rejected', 'void', 'expired'] as const
export type ApprovalStatus = (typeof APPROVAL_STATUSES)[number]

/** What one person says of a document. */
export type Decision = { by: string; verdict: 'approve' | 'reject'; reason: string | null; at: Date }

/** A document that has no effect until enough people approved it, none of whom made it. */
export type Approval = {
  _id: string
  kind: string
  /** What the document is about where that is there already; of each there is one pending approval at most. */
  subjectId: string | null
  /** The document as it takes effect; what is in it is known to its kind alone. */
  document: object
  party: { id: string; name: string } | null
  amountMinor: bigint
  currency: string
  /** Who wrote it: the maker, and everybody who changed it since. */
  makers: string[]
  needed: number
  decisions: Decision[]
  status: ApprovalStatus
  /** The approval whose document was changed into this one. */
  replaces: string | null
  /** What the effect made: a bill number, for example. */
  result: string | null
  openedAt: Date
  expiresAt: Date
  closedAt: Date | null
  version: number
}

export type ApprovalRules = {
  currency: string
  /** Above this amount, and not at it. */
  thresholdMinor: bigint
  needed: number
  /** How many days it waits for its decision. */
  days: number
  /** The business day of an instant. */
  dayOf(instant: Date): string
}

export type ApprovalDraft = Pick<
  Approval,
  '_id' | 'kind' | 'subjectId' | 'document' | 'party' | 'amountMinor' | 'makers' | 'replaces'
>

const DAY_MS = 24 * 3600 * 1000

export const openApproval = (draft: ApprovalDraft, rules: ApprovalRules, now: Date): Approval => ({
  ...draft,
  currency: rules.currency,
  needed: rules.needed,
  decisions: [],
  status: 'pending',
  result: null,
  openedAt: now,
  expiresAt: new Date(now.getTime() + rules.days * DAY_MS),
  closedAt: null,
  version: 1,
})

/** The approval after a decision; refuses whoever wrote the document, a second word, and what is decided already. */
export const decide = (approval: Approval, decision: Decision): Approval => {
  const { makers, decisions, needed } = approval
  if (makers.includes(decision.by)) throw refuse('own_document', { approval_id: approval._id })
  assertPending(approval, decision.at)
  if (decisions.some(({ by }) => by === decision.by))
    throw refuse('document_already_approved', { approval_id: approval._id })
  const decided = { ...approval, decisions: [...decisions, decision], version: approval.version + 1 }
  if (decision.verdict === 'reject') return close(decided, 'rejected', decision.at)
  return decided.decisions.length < needed ? decided : close(decided, 'approved', decision.at)
}

/** The approval of a document that its makers change or take back; refuses once it is decided. */
export const takeBack = (approval: Approval, now: Date): Approval => {
  assertPending(approval, now)
  return endUndecided(approval, 'void', now)
}

export const endUndecided = (approval: Approval, status: 'void' | 'expired', now: Date): Approval => ({
  ...close(approval, status, now),
  version: approval.version + 1,
})

/** The status as it counts: time runs out also while nobody looks. */
export const statusOf = ({ status, expiresAt }: Approval, now: Date): ApprovalStatus =>
  status === 'pending' && expiresAt <= now ? 'expired' : status

export const isMaker = ({ makers }: Approval, userId: string): boolean => makers.includes(userId)

/** Who may see it: whoever wrote it, decided it or is asked to; admins all. */
export const isVisibleTo = (approval: Approval, { userId, isAdmin }: { userId: string; isAdmin: boolean }): boolean =>
  isAdmin ||
  approval.status === 'pending' ||
  isMaker(approval, userId) ||
  approval.decisions.some(({ by }) => by === userId)

const assertPending = (approval: Approval, now: Date): void => {
  const status = statusOf(approval, now)
  if (status !== 'pending') throw refuse('approval_closed', { approval_id: approval._id, approval_status: status })
}

const close = (approval: Approval, status: ApprovalStatus, now: Date): Approval => ({
  ...approval,
  status,
  closedAt: now,
})
