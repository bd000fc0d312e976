import { ledgerEntryPosted, walletCredited, walletDebited } from '@countinghouse/shared/contracts/wallet'
import { newEvent, type Envelope } from '@countinghouse/shared/messaging/event'
import { normalSideOf, referenceOf, type Account, type Entry, type Posted, type Posting } from './domain.js'

/** What every entry announces: itself. */
export const entryEvents = ({ entries }: Posted): Envelope[] => entries.map(entryPosted)

/** What happened to each wallet, for entries that another service waits for. */
export const walletEvents = ({ entries, accounts }: Posted): Envelope[] =>
  entries.flatMap((entry) =>
    entry.postings.flatMap((posting) => {
      const account = accounts.get(posting.accountId)
      return account?.kind === 'wallet' ? [walletMoved(entry, posting, account)] : []
    }),
  )

const entryPosted = (entry: Entry): Envelope =>
  newEvent(ledgerEntryPosted, entry._id, {
    entry_id: entry._id,
    kind: entry.kind,
    reference: referenceOf(entry),
    postings: entry.postings.map(({ accountId, side, amountMinor, currency, balanceAfterMinor }) => ({
      account_id: accountId,
      side,
      amount_minor: amountMinor,
      currency,
      balance_after_minor: balanceAfterMinor,
    })),
    posted_at: entry.postedAt.toISOString(),
  })

/** `wallet.credited` or `wallet.debited` for one posting of an entry. */
export const walletMoved = (entry: Entry, posting: Posting, wallet: Account): Envelope => {
  const movement = {
    wallet_id: wallet._id,
    user_id: wallet.ownerId ?? '',
    entry_id: entry._id,
    amount_minor: posting.amountMinor,
    currency: posting.currency,
    balance_after_minor: posting.balanceAfterMinor,
    reference: referenceOf(entry),
    moved_at: entry.postedAt.toISOString(),
  }
  const contract = posting.side === normalSideOf(wallet.type) ? walletCredited : walletDebited
  return newEvent(contract, wallet._id, movement)
}
