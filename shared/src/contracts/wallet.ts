import { z } from 'zod'
import { defineEvent, MinorUnits } from '../messaging/event.js'

const Reference = z.object({ kind: z.string(), id: z.string() })

export const walletOpened = defineEvent(
  'wallet.opened',
  1,
  'wallet-service',
  z.object({ wallet_id: z.string(), user_id: z.string(), currency: z.string() }),
)

const walletStatusChanged = (name: string) =>
  defineEvent(
    name,
    1,
    'wallet-service',
    z.object({ wallet_id: z.string(), user_id: z.string(), reason: z.string(), changed_at: z.iso.datetime() }),
  )

/** A frozen wallet may still be paid, but pays nobody. */
export const walletFrozen = walletStatusChanged('wallet.frozen')
export const walletUnfrozen = walletStatusChanged('wallet.unfrozen')

/** A closed wallet moves nothing, for ever. */
export const walletClosed = walletStatusChanged('wallet.closed')

const WalletMovement = z.object({
  wallet_id: z.string(),
  user_id: z.string(),
  entry_id: z.string(),
  amount_minor: MinorUnits,
  currency: z.string(),
  balance_after_minor: MinorUnits,
  /** What for: `disbursement` and the loan's id, for example. */
  reference: Reference,
  moved_at: z.iso.datetime(),
})

/** Money arrived in a wallet from outside or by a loan; between wallets, `ledger.entry-posted` tells it. */
export const walletCredited = defineEvent('wallet.credited', 1, 'wallet-service', WalletMovement)

/** Money left a wallet, the other way round. */
export const walletDebited = defineEvent('wallet.debited', 1, 'wallet-service', WalletMovement)

/** One balanced entry is in the books: per currency, what is debited equals what is credited. */
export const ledgerEntryPosted = defineEvent(
  'ledger.entry-posted',
  1,
  'wallet-service',
  z.object({
    entry_id: z.string(),
    kind: z.string(),
    reference: Reference,
    postings: z.array(
      z.object({
        account_id: z.string(),
        side: z.enum(['debit', 'credit']),
        amount_minor: MinorUnits,
        currency: z.string(),
        balance_after_minor: MinorUnits,
      }),
    ),
    posted_at: z.iso.datetime(),
  }),
)
