import { actorOf } from '@countinghouse/shared/http/caller'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Id, Timestamp, WireAmount, positiveAmountIn } from '@countinghouse/shared/http/fields'
import { toWireAmount } from '@countinghouse/shared/money'
import { z } from 'zod'
import { WalletView, toWalletView, walletExample } from '../ledger/walletView.js'
import { moveCash, type Deps, type Moved } from './commands.js'
import type { CashDirection } from './domain.js'

const MovementView = z.object({
  id: Id,
  kind: z.string(),
  amount: WireAmount,
  created_at: Timestamp,
  wallet: WalletView,
})

/** Paying in and out by the house's own people and services; a customer's top-up is a payment. */
export const cashEndpoints = (deps: Deps & { currency: string }) => [
  movement(deps, 'credit', 'Pay money into a wallet', []),
  movement(deps, 'debit', 'Pay money out of a wallet', ['insufficient_funds', 'wallet_frozen']),
]

const movement = (deps: Deps & { currency: string }, direction: CashDirection, summary: string, refusals: string[]) =>
  endpoint({
    method: 'post',
    path: `/wallet/${direction}`,
    summary,
    tag: 'Wallets',
    access: ['admin', 'service'],
    status: 201,
    idempotent: true,
    body: z.strictObject({ wallet_id: Id, amount: positiveAmountIn(deps.currency) }),
    view: MovementView,
    refusals: ['wallet_not_found', 'wallet_closed', 'ledger_busy', ...refusals],
    example: {
      body: { wallet_id: walletExample.id, amount: 250 },
      view: {
        id: walletExample.id,
        kind: direction,
        amount: 250,
        created_at: walletExample.opened_at,
        wallet: walletExample,
      },
    },
    handle: ({ body, caller, answering }) =>
      answering(async (answerWrites) => {
        const request = { walletId: body.wallet_id, amountMinor: body.amount, direction, actor: actorOf(caller) }
        return toView(await moveCash(deps, request, (moved) => answerWrites(toView(moved))))
      }),
  })

const toView = ({ entry, wallet }: Moved) => ({
  id: entry._id,
  kind: entry.kind,
  amount: toWireAmount(entry.postings[0]?.amountMinor ?? 0n, wallet.currency),
  created_at: entry.postedAt.toISOString(),
  wallet: toWalletView(wallet),
})
