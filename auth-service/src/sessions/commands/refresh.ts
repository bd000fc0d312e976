import { createVault, type Vault } from '@countinghouse/shared/crypto'
import { addToOutbox } from '@countinghouse/shared/messaging/outbox'
import { counter } from '@countinghouse/shared/metrics'
import { inTransaction, type Tx } from '@countinghouse/shared/mongo/transaction'
import { Refusal, refuse } from '@countinghouse/shared/refusal'
import type { Connection } from 'mongoose'
import { createSecretKey, hkdfSync } from 'node:crypto'
import type { Profile, Tokens, Visit } from '../../identity.js'
import type { FindUser } from '../../ports.js'
import { hashOf } from '../../secrets.js'
import { USES, graceBegan, judgeUse, prolong, type RefreshToken, type Session, type Use } from '../domain.js'
import { reused } from '../events.js'
import { findRefreshToken, findSession, forgetSuccessor, replaceRefreshToken, replaceSession } from '../store.js'
import { endAll } from './end.js'
import { issueRefreshToken, toTokens, type Deps as OpenDeps } from './open.js'

export type Deps = OpenDeps & { db: Connection; findUser: FindUser }

export type Refreshed = { user: Profile; tokens: Tokens }
type Outcome = { use: Use | 'unknown'; result: Refreshed | Refusal }

const refreshes = counter('auth_refreshes_total', 'Refresh tokens that came in', { use: [...USES, 'unknown'] })

/** Exchanges a refresh token for a new pair. One that was retired ends its session: two hold it, and one is a thief. */
export const refresh = async (deps: Deps, secret: string, visit: Visit): Promise<Refreshed> => {
  // The end of the session must commit, so what is refused is thrown afterwards.
  const { use, result } = await inTransaction(deps.db, (tx) => exchange(tx, deps, secret, visit))
  refreshes.inc({ use })
  if (result instanceof Refusal) throw result
  return result
}

const exchange = async (tx: Tx, deps: Deps, secret: string, visit: Visit): Promise<Outcome> => {
  const now = deps.now()
  const token = await findRefreshToken(tx, hashOf(secret))
  const session = token && (await findSession(tx, token.sessionId))
  if (!session) return { use: 'unknown', result: refuse('invalid_token') }
  const use = judgeUse(token, now)
  if (use === 'expired') return { use, result: refuse('token_expired') }
  if (use === 'reuse') {
    await endAll(tx, deps, [session], 'refresh_reused')
    await addToOutbox(tx, reused(session, visit))
    return { use, result: refuse('invalid_token') }
  }
  const user = await deps.findUser(tx, session.userId)
  if (!user) return { use, result: refuse('user_gone') }
  const prolonged = prolong(session, visit.address, deps.restSeconds, now)
  await replaceSession(tx, prolonged)
  const successor =
    use === 'first' ? await rotate(tx, { secret, token, session: prolonged }, now) : await latestOf(tx, secret, token)
  return { use, result: { user, tokens: toTokens(deps, prolonged, user, successor) } }
}

type Presented = { secret: string; token: RefreshToken; session: Session }

const rotate = async (tx: Tx, { secret, token, session }: Presented, now: Date): Promise<string> => {
  const successor = await issueRefreshToken(tx, session, now)
  const sealedSuccessor = vaultOf(secret).seal(successor, CONTEXT)
  await replaceRefreshToken(tx, { ...token, retiredAt: now, sealedSuccessor })
  await forgetSuccessor(tx, session._id, graceBegan(now))
  return successor
}

/** The end of the chain, which each link opens for the next. */
const latestOf = async (tx: Tx, secret: string, token: RefreshToken): Promise<string> => {
  if (token.sealedSuccessor === null) return secret
  const successor = vaultOf(secret).open(token.sealedSuccessor, CONTEXT)
  const next = await findRefreshToken(tx, hashOf(successor))
  if (!next) throw refuse('invalid_token')
  return latestOf(tx, successor, next)
}

const CONTEXT = 'refresh token successor'

const vaultOf = (secret: string): Vault =>
  createVault([{ id: 't', secret: createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', CONTEXT, 32))) }])
