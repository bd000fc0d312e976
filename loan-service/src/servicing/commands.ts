import type { Tx } from '@countinghouse/shared/mongo/transaction'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { Happening, LoanEvent } from '../engine/events.js'
import { assertTakes } from '../engine/guard.js'
import { refuse } from '../errors.js'
import { getOthersLoan } from '../loans/access.js'
import type { Recorded } from '../loans/domain/fact.js'
import { assertTakesStep } from '../loans/domain/steps.js'
import { findEvents } from '../loans/store/events.js'
import { expectedOf } from '../movements/commands/begin.js'
import type { Deps } from '../movements/commands/deps.js'
import { recordFor } from '../movements/commands/settle.js'

export type { Deps }

type Adjustment = Extract<Happening, { kind: 'charged' | 'waived' }>
type Asked = { loanId: string; userId: string; reason: string }

/** Charges the borrower, or forgives what is owed and not on its way already. */
export const adjust = async (
  tx: Tx,
  deps: Deps,
  { loanId, userId, reason }: Asked,
  happening: Adjustment,
): Promise<Recorded> => {
  const loan = await getOthersLoan(tx, deps, loanId, { userId })
  const step = happening.kind === 'charged' ? 'charge' : 'waive'
  assertTakesStep(loan, step)
  assertTakes(await expectedOf(tx, deps, loan), happening, loan.currency)
  return recordFor(tx, deps, loan, { step, happening, reason, ...factOf(deps, happening.kind, userId) })
}

/** Takes a charge or a waiver back, as if it had never been. */
export const takeBack = async (
  tx: Tx,
  deps: Deps,
  { loanId, userId, reason, eventId }: Asked & { eventId: string },
): Promise<Recorded> => {
  const loan = await getOthersLoan(tx, deps, loanId, { userId })
  assertReversible(await findEvents(tx, loanId), eventId)
  const happening = { kind: 'reversed', eventId } as const
  return recordFor(tx, deps, loan, { step: 'reverse', happening, reason, ...factOf(deps, 'reversed', userId) })
}

const assertReversible = (events: readonly LoanEvent[], eventId: string): void => {
  const event = events.find(({ id }) => id === eventId)
  if (!event) throw refuse('event_not_found', { event_id: eventId })
  if (event.kind !== 'charged' && event.kind !== 'waived') throw refuse('not_reversible', { kind: event.kind })
  if (events.some((other) => other.kind === 'reversed' && other.eventId === eventId))
    throw refuse('already_reversed', { event_id: eventId })
}

const factOf = ({ now, rules }: Deps, kind: string, userId: string) => {
  const at = now()
  return { on: rules.dayOf(at), key: `${kind}:${uuidv7()}`, by: `user:${userId}`, at }
}
