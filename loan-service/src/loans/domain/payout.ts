import type { Disbursement } from './loan.js'

const UNASKED: Disbursement = {
  status: 'PENDING',
  code: null,
  reason: null,
  entryId: null,
  creditedAt: null,
  attempts: 0,
  askAgainAt: null,
}

export const WAITING_FOR_USER: Disbursement = {
  ...UNASKED,
  code: 'customer_not_linked',
  reason: 'The customer has no user yet, so there is no wallet to pay into',
}

const DOUBLINGS_MAX = 3

/** A disbursement that wallet-service is asked for, once more. */
export const asked = ({ attempts }: Pick<Disbursement, 'attempts'>, patience: Patience): Disbursement => ({
  ...UNASKED,
  attempts: attempts + 1,
  askAgainAt: askAfter(attempts, patience),
})

type Patience = { answerWithinMs: number; at: Date }

/** When to ask again: ever more rarely, but never so rarely that money waits for long once somebody answers. */
export const askAfter = (attempts: number, { answerWithinMs, at }: Patience): Date =>
  new Date(at.getTime() + answerWithinMs * 2 ** Math.min(attempts, DOUBLINGS_MAX))

/** Money may be on its way: from the question to wallet-service until its answer. */
export const isUnderWay = (disbursement: Disbursement | null): boolean =>
  disbursement?.status === 'PENDING' && disbursement.askAgainAt !== null
