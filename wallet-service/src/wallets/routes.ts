import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Id } from '@countinghouse/shared/http/fields'
import { readsTogether } from '@countinghouse/shared/mongo/together'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { z } from 'zod'
import { refuse } from '../errors.js'
import { boundTo, isForeign } from '../ledger/walletAccess.js'
import { WalletView, toWalletView, walletExample } from '../ledger/walletView.js'
import { getWallet, getWalletOf } from './commands.js'

export type Deps = { db: Connection; currency: string }

export const walletEndpoints = ({ db, currency }: Deps) => [
  endpoint({
    method: 'get',
    path: '/wallet',
    summary: 'Read one’s own wallet',
    tag: 'Wallets',
    access: ['customer', 'vendor'],
    view: WalletView,
    refusals: ['wallet_not_found'],
    example: { view: walletExample },
    handle: async ({ user }) => toWalletView(await getWalletOf(readsOn(db), user.userId, currency)),
  }),
  endpoint({
    method: 'get',
    path: '/wallets/:id',
    reads: { data: 'financial', of: 'wallet' },
    summary: 'Read a wallet',
    tag: 'Wallets',
    access: ['customer', 'vendor', 'staff', 'admin', 'service'],
    params: z.object({ id: Id }),
    view: WalletView,
    refusals: ['wallet_not_found'],
    example: { view: walletExample },
    handle: async ({ params: { id }, caller }) => {
      const wallet = await getWallet(readsTogether(db), id)
      if (isForeign(wallet, boundTo(caller))) throw refuse('wallet_not_found', { wallet_id: id })
      return toWalletView(wallet)
    },
  }),
]
