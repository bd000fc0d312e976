import { Id, Timestamp, UnreadAmount, WireAmount, text } from '@countinghouse/shared/http/fields'
import { z } from 'zod'
import { WalletView, walletExample } from '../ledger/walletView.js'

export const TransferBody = z.strictObject({
  from_wallet_id: Id.optional().meta({ description: 'One’s own wallet, if it is not said' }),
  to_wallet_id: Id,
  amount: UnreadAmount,
  description: text(200).optional(),
})

export const BatchBody = z.strictObject({
  atomic: z.boolean().meta({ description: 'True: all or none. False: each for itself' }),
  transfers: z.array(TransferBody).min(1).max(1000),
})

// Of the wallets it touches, the caller sees their own.
const wallets = z.array(WalletView)

export const TransferView = z.object({
  id: Id,
  from_wallet_id: Id,
  to_wallet_id: Id,
  amount: WireAmount,
  currency: z.string(),
  description: z.string().nullable(),
  created_at: Timestamp,
  wallets,
})

export const BatchView = z.object({
  results: z.array(
    z.object({
      index: z.number().int(),
      status: z.enum(['posted', 'refused']),
      id: Id.optional(),
      code: z.string().optional(),
      detail: z.string().optional(),
    }),
  ),
  wallets,
})

const payeeExample = '019aa3f0-7c1e-7d4b-9b44-0d6a3e0f9a12'
const entryExample = '019aa3f0-8d2f-7e5c-8c55-1e7b4f1a0b22'

export const transferExample = {
  body: { to_wallet_id: payeeExample, amount: 250, description: 'Rent for May' },
  view: {
    id: entryExample,
    from_wallet_id: walletExample.id,
    to_wallet_id: payeeExample,
    amount: 250,
    currency: 'USD',
    description: 'Rent for May',
    created_at: walletExample.opened_at,
    wallets: [walletExample],
  },
}

export const batchExample = {
  body: { atomic: false, transfers: [{ to_wallet_id: payeeExample, amount: 250 }, { to_wallet_id: payeeExample, amount: 1e6 }] }, // prettier-ignore
  view: {
    results: [
      { index: 0, status: 'posted', id: entryExample },
      { index: 1, status: 'refused', code: 'insufficient_funds', detail: 'The wallet holds too little for this' },
    ],
    wallets: [walletExample],
  },
}
