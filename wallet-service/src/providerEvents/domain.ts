/** An event as the provider sent it, for ever; the log only grows. */
export type LoggedEvent = {
  _id: string
  type: string
  /** What it is about, as the provider names it. */
  objectId: string
  happenedAt: Date
  receivedAt: Date
  /** The signed bytes. */
  body: string
  signature: string
}

/** An event that still has to take effect. */
export type DueEvent = {
  _id: string
  objectId: string
  happenedAt: Date
  attempts: number
  error: string | null
  lookAt: Date
}

const FIRST_GAP_MS = 2_000
const GAP_MAX_MS = 3_600_000

export const newDue = ({ _id, objectId, happenedAt }: LoggedEvent, now: Date): DueEvent => ({
  ...{ _id, objectId, happenedAt },
  ...{ attempts: 0, error: null, lookAt: now },
})

/** An event that could not take effect, to be tried again ever later. */
export const failedAgain = (due: DueEvent, error: string, now: Date): DueEvent => {
  const gapMs = Math.min(FIRST_GAP_MS * 2 ** Math.min(due.attempts, 12), GAP_MAX_MS)
  return { ...due, attempts: due.attempts + 1, error, lookAt: new Date(now.getTime() + gapMs) }
}

type EventKind = 'payment' | 'refund' | 'dispute' | 'payout' | 'other'

/** What an event is about; events of other kinds are logged and nothing else. */
export const kindOf = (type: string): EventKind => {
  if (type.startsWith('payment_intent.')) return 'payment'
  if (type.startsWith('refund.') || type === 'charge.refund.updated') return 'refund'
  if (type.startsWith('charge.dispute.')) return 'dispute'
  return type.startsWith('payout.') ? 'payout' : 'other'
}
