import { readAmount } from '@countinghouse/shared/http/fields'
import type { CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { Connection } from 'mongoose'
import type { Accounts, EntryDraft, Posted } from '../ledger/domain.js'
import type { Ledger } from '../ledger/ledger.js'
import { findWallets } from '../ledger/find.js'
import { atIndex, pairOf, transferEntry, type TransferOrder } from './domain.js'

export type Deps = { db: Connection; ledger: Ledger; now: () => Date }

/** A transfer as asked for: the payer's currency says what its amount means. */
export type AskedTransfer = Omit<TransferOrder, 'amountMinor'> & {
  amount: number | string
  /** Where in the request the amount stands. */
  loc: (string | number)[]
}

/** Who asks, and the user whose wallets alone may pay. */
export type Payer = { actor: string; payerId: string | undefined }

/** Moves money from one wallet to another. */
export const transfer = async (
  { db, ledger }: Deps,
  asked: AskedTransfer,
  payer: Payer,
  companions: (posted: Posted) => CompanionWrite[],
): Promise<Posted> => ledger.submit({ drafts: [draftOf(asked, await walletsOf(db, [asked]), payer)], companions })

/** Moves money many times, or not at all; each transfer is decided on what the ones before it left. */
export const transferAll = async (
  { db, ledger }: Deps,
  asked: readonly AskedTransfer[],
  payer: Payer,
  companions: (posted: Posted) => CompanionWrite[],
): Promise<Posted> => {
  const wallets = await walletsOf(db, asked)
  const drafts = asked.map((one, index) => {
    try {
      return draftOf(one, wallets, payer)
    } catch (error) {
      throw atIndex(error, index)
    }
  })
  return ledger.submit({ drafts, companions }).catch((error: unknown) => {
    throw drafts.length === 1 ? atIndex(error, 0) : error
  })
}

export const walletsOf = (db: Connection, asked: readonly AskedTransfer[]): Promise<Accounts> =>
  findWallets(readsOn(db), [...new Set(asked.flatMap(({ fromWalletId, toWalletId }) => [fromWalletId, toWalletId]))])

export const draftOf = (asked: AskedTransfer, wallets: Accounts, { actor, payerId }: Payer): EntryDraft => {
  const { from } = pairOf(asked, wallets, payerId)
  const amountMinor = readAmount(asked.amount, from.currency, asked.loc)
  return transferEntry({ ...asked, amountMinor }, { entryId: uuidv7(), actor })
}
