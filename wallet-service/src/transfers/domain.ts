import { Refusal } from '@countinghouse/shared/refusal'
import { refuse } from '../errors.js'
import { credit, debit, type EntryDraft, type KnownWallets, type WalletFacts } from '../ledger/domain.js'

/** Who pays whom how much; `payerId` is the user whose wallets alone may pay, undefined for any wallet. */
export type TransferOrder = {
  fromWalletId: string
  toWalletId: string
  amountMinor: bigint
  description: string | null
}

export type Pair = { from: WalletFacts; to: WalletFacts }

/** The two wallets of a transfer; refuses a payer that is not the user's, and two that cannot pay each other. */
export const pairOf = (
  { fromWalletId, toWalletId }: Pick<TransferOrder, 'fromWalletId' | 'toWalletId'>,
  wallets: KnownWallets,
  payerId: string | undefined,
): Pair => {
  const from = walletIn(wallets, fromWalletId)
  if (payerId !== undefined && from.ownerId !== payerId) throw unknown(fromWalletId)
  if (fromWalletId === toWalletId) throw refuse('same_wallet')
  const to = walletIn(wallets, toWalletId)
  if (from.currency !== to.currency) throw refuse('currency_mismatch', { from: from.currency, to: to.currency })
  return { from, to }
}

const walletIn = (wallets: KnownWallets, id: string): WalletFacts => {
  const wallet = wallets.get(id)
  if (!wallet) throw unknown(id)
  return wallet
}

const unknown = (walletId: string): Refusal => refuse('wallet_not_found', { wallet_id: walletId })

/** A transfer in the books: the house owes the payer less and the payee as much more. */
export const transferEntry = (
  { fromWalletId, toWalletId, amountMinor, description }: TransferOrder,
  { entryId, actor }: { entryId: string; actor: string },
): EntryDraft => ({
  entryId,
  kind: 'transfer',
  actor,
  ...(description !== null && { description }),
  postings: [debit(fromWalletId, amountMinor), credit(toWalletId, amountMinor)],
})

/** The refusal of one transfer of a batch that stands or falls as a whole. */
export const atIndex = (error: unknown, index: number): unknown =>
  error instanceof Refusal && !('failed_index' in error.context)
    ? new Refusal(error.code, error.status, error.message, { ...error.context, failed_index: index })
    : error

/** What became of one transfer of a batch whose transfers stand each for itself. */
export type ItemResult =
  | { readonly status: 'posted'; readonly id: string }
  | { readonly status: 'refused'; readonly code: string; readonly detail: string }

export const refusedItem = ({ code, message }: Refusal): ItemResult => ({
  status: 'refused',
  code,
  detail: message,
})
