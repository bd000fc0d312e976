import { actorOf, type Caller } from '@countinghouse/shared/http/caller'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Id, UnreadAmount, WireAmount, text } from '@countinghouse/shared/http/fields'
import { toWireAmount } from '@countinghouse/shared/money'
import { z } from 'zod'
import { EntryView, entryExample, toEntryView } from '../ledger/entryView.js'
import { visibleWallets } from '../ledger/walletAccess.js'
import { WalletView, walletExample } from '../ledger/walletView.js'
import { reverse, type Deps, type Reversed } from './commands.js'
import { currencyOf } from './domain.js'

const ReversedView = EntryView.extend({ remaining: WireAmount, currency: z.string(), wallets: z.array(WalletView) })

const exampleView = {
  ...entryExample,
  id: '019aa3f0-af4b-7a7e-8e77-3a9d6b3c2d44',
  kind: 'reversal',
  reference: { kind: 'reversal', id: entryExample.id },
  description: 'Paid out twice',
  postings: entryExample.postings.map((posting) => ({
    ...posting,
    side: posting.side === 'debit' ? 'credit' : 'debit',
    balance_after: 0,
  })),
  remaining: 0,
  currency: 'USD',
  wallets: [{ ...walletExample, balance: 0, available: 0, held: 0 }],
}

export const reversalEndpoints = (deps: Deps) => [
  endpoint({
    method: 'post',
    path: '/ledger/entries/:id/reverse',
    summary: 'Undo an entry by a new one, in full or in part',
    tag: 'Ledger',
    access: ['admin'],
    status: 201,
    idempotent: true,
    params: z.object({ id: Id }),
    body: z.strictObject({
      amount: UnreadAmount.optional().meta({ description: 'All that is left to reverse, if it is not said' }),
      reason: text(500),
    }),
    view: ReversedView,
    refusals: [
      'entry_not_found',
      'already_reversed',
      'not_reversible',
      'not_divisible',
      'exceeds_entry',
      'insufficient_funds',
      'wallet_frozen',
      'wallet_closed',
      'balance_limit',
      'ledger_busy',
    ],
    example: { body: { reason: 'Paid out twice' }, view: exampleView },
    handle: ({ params: { id }, body: { amount, reason }, caller, answering }) =>
      answering(async (answerWrites) => {
        const asked = { entryId: id, amount, reason, actor: actorOf(caller) }
        return toView(caller, await reverse(deps, asked, (reversed) => answerWrites(toView(caller, reversed))))
      }),
  }),
]

const toView = (
  caller: Caller,
  {
    original,
    reversal,
    posted: {
      entries: [entry],
      accounts,
    },
  }: Reversed,
) => {
  if (!entry) throw new Error('The ledger answered without an entry')
  const currency = currencyOf(original.postings)
  return {
    ...toEntryView(entry),
    remaining: toWireAmount(reversal.remainingMinor, currency),
    currency,
    wallets: visibleWallets(caller, accounts.values()),
  }
}
