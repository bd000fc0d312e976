import { readAmount } from '@countinghouse/shared/http/fields'
import type { CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { Refusal } from '@countinghouse/shared/refusal'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { Connection } from 'mongoose'
import { refuse } from '../errors.js'
import type { Entry, Posted } from '../ledger/domain.js'
import type { Ledger } from '../ledger/ledger.js'
import { findEntry } from '../ledger/find.js'
import { currencyOf, reverseEntry, type Reversal } from './domain.js'
import { ReversalChanged, findReversal, reversalWrite } from './store.js'

export type Deps = { db: Connection; ledger: Ledger }
export type AskedReversal = { entryId: string; amount: number | string | undefined; reason: string; actor: string }

/** A posted reversal, and how much of the original it leaves. */
export type Reversed = { original: Entry; reversal: Reversal; posted: Posted }

/** Undoes an entry by a new one; who is overtaken by another reversal decides again on what that one left. */
export const reverse = async (
  { db, ledger }: Deps,
  { entryId, amount, reason, actor }: AskedReversal,
  companions: (reversed: Reversed) => CompanionWrite[],
): Promise<Reversed> => {
  const original = await findEntry(readsOn(db), entryId)
  if (!original) throw refuse('entry_not_found', { entry_id: entryId })
  const currency = currencyOf(original.postings)
  const amountMinor = amount === undefined ? undefined : readAmount(amount, currency, ['body', 'amount'])
  for (;;) {
    const before = await findReversal(readsOn(db), entryId)
    const { reversal, draft } = reverseEntry(original, before, { amountMinor, reason }, { entryId: uuidv7(), actor })
    const toReversed = (posted: Posted): Reversed => ({ original, reversal, posted })
    const write = (posted: Posted) => [reversalWrite(before, reversal), ...companions(toReversed(posted))]
    try {
      return toReversed(await ledger.submit({ drafts: [draft], companions: write }))
    } catch (error) {
      if (!(await isOvertaken(db, entryId, before, error))) throw error
    }
  }
}

// In one group with the reversal before it, one may also be refused for what that one left.
const isOvertaken = async (
  db: Connection,
  entryId: string,
  before: Reversal | undefined,
  error: unknown,
): Promise<boolean> => {
  if (error instanceof ReversalChanged) return true
  if (!(error instanceof Refusal)) return false
  return (await findReversal(readsOn(db), entryId))?.remainingMinor !== before?.remainingMinor
}
