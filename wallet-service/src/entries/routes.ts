import { actorOf, type Caller } from '@countinghouse/shared/http/caller'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Id, UnreadAmount, text } from '@countinghouse/shared/http/fields'
import { z } from 'zod'
import type { Posted } from '../ledger/domain.js'
import { EntryView, entryExample, toEntryView } from '../ledger/entryView.js'
import { visibleWallets } from '../ledger/walletAccess.js'
import { WalletView } from '../ledger/walletView.js'
import { enterByHand, type Deps } from './commands.js'

const HandBody = z.strictObject({
  postings: z
    .array(z.strictObject({ account_id: Id, side: z.enum(['debit', 'credit']), amount: UnreadAmount }))
    .min(2)
    .max(50),
  description: text(500),
})

const example = {
  body: {
    postings: [
      { account_id: 'house:write_offs:USD', side: 'debit', amount: 100 },
      { account_id: 'house:receivables:USD', side: 'credit', amount: 60 },
      { account_id: 'house:fees_receivable:USD', side: 'credit', amount: 40 },
    ],
    description: 'Customer CUST-001 is insolvent',
  },
  view: {
    ...entryExample,
    kind: 'manual',
    reference: { kind: 'manual', id: entryExample.id },
    description: 'Customer CUST-001 is insolvent',
    postings: [
      { account_id: 'house:write_offs:USD', side: 'debit', amount: 100, currency: 'USD', balance_after: 100 },
      { account_id: 'house:receivables:USD', side: 'credit', amount: 60, currency: 'USD', balance_after: 340 },
      { account_id: 'house:fees_receivable:USD', side: 'credit', amount: 40, currency: 'USD', balance_after: 0 },
    ],
    wallets: [],
  },
}

export const handEntryEndpoints = (deps: Deps) => [
  endpoint({
    method: 'post',
    path: '/ledger/entries',
    summary: 'Enter by hand: any number of legs that balance in each currency',
    tag: 'Ledger',
    access: ['admin'],
    status: 201,
    idempotent: true,
    body: HandBody,
    view: EntryView.extend({ wallets: z.array(WalletView) }),
    refusals: [
      'account_not_found',
      'entry_unbalanced',
      'insufficient_funds',
      'wallet_frozen',
      'wallet_closed',
      'balance_limit',
      'ledger_busy',
    ],
    example,
    handle: ({ body, caller, answering }) =>
      answering(async (answerWrites) => {
        const view = (posted: Posted) => toView(caller, posted)
        const asked = { ...body, actor: actorOf(caller) }
        return view(await enterByHand(deps, asked, (posted) => answerWrites(view(posted))))
      }),
  }),
]

const toView = (caller: Caller, { entries: [entry], accounts }: Posted) => {
  if (!entry) throw new Error('The ledger answered without an entry')
  return { ...toEntryView(entry), wallets: visibleWallets(caller, accounts.values()) }
}
