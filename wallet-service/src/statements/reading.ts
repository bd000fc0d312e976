import type { Caller } from '@countinghouse/shared/http/caller'
import { invalidAt } from '@countinghouse/shared/http/problem'
import { readsOn, type Reads } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { refuse } from '../errors.js'
import type { Account } from '../ledger/domain.js'
import type { Place } from '../ledger/place.js'
import { findWallet } from '../ledger/store.js'
import { boundTo, isForeign } from '../ledger/walletAccess.js'
import type { Movement } from './domain.js'
import { lastEntryBefore } from './store/moments.js'
import { movementsBetween } from './store/movements.js'

/** A wallet that the caller may see; to others it does not exist. */
export const getVisibleWallet = async (reads: Reads, caller: Caller, id: string): Promise<Account> => {
  const wallet = await findWallet(reads, id)
  if (!wallet || isForeign(wallet, boundTo(caller))) throw refuse('wallet_not_found', { wallet_id: id })
  return wallet
}

// A caller's clock may be a little ahead of ours.
const AHEAD_MAX_MS = 60_000

/** Refuses a moment that is yet to come: nobody knows what the books will say then. */
export const refuseFuture = (moment: Date, field: string, now: Date): void => {
  if (moment.getTime() > now.getTime() + AHEAD_MAX_MS) throw invalidAt(['query', field], 'is in the future')
}

/** A wallet before a moment: where in its history that is, and what was in it. */
type Standing = { place: Place | undefined; balanceMinor: bigint }

/** What was in a wallet when everything before a moment was posted; nothing before it was opened. */
export const standingBefore = async (reads: Reads, walletId: string, moment: Date): Promise<Standing> => {
  const entry = await lastEntryBefore(reads, walletId, moment)
  const posting = entry?.postings.findLast(({ accountId }) => accountId === walletId)
  return { place: entry, balanceMinor: posting?.balanceAfterMinor ?? 0n }
}

export type Statement = {
  wallet: Account
  opening: Standing
  closing: Standing
  /** Every movement between the two, oldest first. */
  movements: () => AsyncIterable<Movement>
}

/** A wallet's statement from one moment to before another. */
export const readStatement = async (
  db: Connection,
  wallet: Account,
  { from, before }: { from: Date; before: Date },
): Promise<Statement> => {
  const opening = await standingBefore(readsOn(db), wallet._id, from)
  const closing = await standingBefore(readsOn(db), wallet._id, before)
  const upTo = closing.place
  return {
    wallet,
    opening,
    closing,
    movements: () => (upTo ? movementsBetween(db, wallet._id, [opening.place, upTo]) : nothing()),
  }
}

async function* nothing(): AsyncGenerator<Movement> {}
