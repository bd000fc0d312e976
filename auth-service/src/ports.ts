import type { SessionEnd } from '@countinghouse/shared/contracts/auth'
import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
import type { Login, Profile, Tokens, Visit } from './identity.js'

/** What features ask of one another; `app.ts` gives it to them. */
export type OpenSession = (tx: Tx, user: Profile, visit: Visit) => Promise<Tokens>

/** Ends all sessions of a user, or all but one; their tokens stop working. */
export type EndSessions = (tx: Tx, which: { userId: string; except?: string }, reason: SessionEnd) => Promise<void>

/** The active user of this id. */
export type FindUser = (reads: Reads, userId: string) => Promise<Login | undefined>

/** The active user of this e-mail address or username. */
export type FindLogin = (login: string) => Promise<Login | undefined>

/** Asks the user to prove that they read the mail of their address. */
export type AskToVerify = (tx: Tx, user: Profile) => Promise<void>

/** What somebody says to be let in. */
export type Credentials = { login: string; password: string }

/** Whose credentials these are, or nobody's; refuses as `too_many_attempts` after failures by this name or from this address. */
export type Authenticate = (credentials: Credentials, visit: Visit) => Promise<Login | undefined>
