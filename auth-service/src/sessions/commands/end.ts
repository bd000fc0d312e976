import { SESSION_ENDS, type SessionEnd } from '@countinghouse/shared/contracts/auth'
import { addToOutbox } from '@countinghouse/shared/messaging/outbox'
import { counter } from '@countinghouse/shared/metrics'
import type { Tx } from '@countinghouse/shared/mongo/transaction'
import type { EndSessions } from '../../ports.js'
import type { Session } from '../domain.js'
import { ended } from '../events.js'
import { findSession, findSessions, removeSessions } from '../store.js'

/** Tells every service that the tokens of a session, or all of a user who is gone, do not count any more. */
export type Revoke = (tx: Tx, kind: 'session' | 'user_gone', subject: string) => Promise<void>

type Deps = { revoke: Revoke }

const ends = counter('auth_sessions_ended_total', 'Sessions that were ended before their time', {
  reason: SESSION_ENDS,
})

export const createEndSessions =
  (deps: Deps): EndSessions =>
  async (tx, { userId, except }, reason) => {
    const found = await findSessions(tx, userId)
    await endAll(
      tx,
      deps,
      found.filter(({ _id }) => _id !== except),
      reason,
    )
  }

export type OwnSession = { userId: string; sessionId: string }

/** Ends one of the user's sessions; another's is as good as none. False when there is none. */
export const endOwn = async (tx: Tx, deps: Deps, { userId, sessionId }: OwnSession, reason: SessionEnd) => {
  const session = await findSession(tx, sessionId)
  if (session?.userId !== userId) return false
  await endAll(tx, deps, [session], reason)
  return true
}

export const endAll = async (tx: Tx, { revoke }: Deps, found: Session[], reason: SessionEnd): Promise<void> => {
  if (found.length === 0) return
  await removeSessions(
    tx,
    found.map(({ _id }) => _id),
  )
  if (reason === 'user_gone') for (const userId of usersOf(found)) await revoke(tx, 'user_gone', userId)
  else for (const { _id } of found) await revoke(tx, 'session', _id)
  await addToOutbox(tx, ...found.map((session) => ended(session, reason)))
  ends.inc({ reason }, found.length)
}

const usersOf = (found: Session[]): Set<string> => new Set(found.map(({ userId }) => userId))
