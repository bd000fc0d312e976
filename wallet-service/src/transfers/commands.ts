import { readAmount } from '@countinghouse/shared/http/fields'
import type { CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { Connection } from 'mongoose'
import type { EntryDraft, KnownWallets, Posted } from '../ledger/domain.js'
import type { Ledger } from '../ledger/ledger.js'
import type { WalletBook } from '../ledger/walletFacts.js'
import { atIndex, pairOf, transferEntry, type TransferOrder } from './domain.js'

export type Deps = { db: Connection; ledger: Ledger; wallets: WalletBook; now: () => Date }

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
  { wallets, ledger }: Deps,
  asked: AskedTransfer,
  payer: Payer,
  companions: (posted: Posted) => CompanionWrite[],
): Promise<Posted> => {
  const drafts = [draftOf(asked, await wallets.find(walletIdsOf([asked])), payer)]
  return ledger.submit({ drafts, companions })
}

/** Moves money many times, or not at all; each transfer is decided on what the ones before it left. */
export const transferAll = async (
  { wallets, ledger }: Deps,
  asked: readonly AskedTransfer[],
  payer: Payer,
  companions: (posted: Posted) => CompanionWrite[],
): Promise<Posted> => {
  const known = await wallets.find(walletIdsOf(asked))
  const drafts = asked.map((one, index) => {
    try {
      return draftOf(one, known, payer)
    } catch (error) {
      throw atIndex(error, index)
    }
  })
  return ledger.submit({ drafts, companions }).catch((error: unknown) => {
    throw drafts.length === 1 ? atIndex(error, 0) : error
  })
}

export const walletIdsOf = (asked: readonly AskedTransfer[]): string[] => [
  ...new Set(asked.flatMap(({ fromWalletId, toWalletId }) => [fromWalletId, toWalletId])),
]

export const draftOf = (asked: AskedTransfer, wallets: KnownWallets, { actor, payerId }: Payer): EntryDraft => {
  const { from } = pairOf(asked, wallets, payerId)
  const amountMinor = readAmount(asked.amount, from.currency, asked.loc)
  return transferEntry({ ...asked, amountMinor }, { entryId: uuidv7(), actor })
}
