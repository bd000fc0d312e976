import { actorOf, type Caller } from '@countinghouse/shared/http/caller'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { invalidAt } from '@countinghouse/shared/http/problem'
import type { z } from 'zod'
import type { Fact } from '../ledger/documents.js'
import type { Posted } from '../ledger/domain.js'
import { toEntryView } from '../ledger/entryView.js'
import { visibleWallets } from '../ledger/walletAccess.js'
import { enter, type Deps } from './commands.js'
import { EnteredView, EntryBody, example } from './views.js'

export const entryEndpoints = (deps: Deps) => [
  endpoint({
    method: 'post',
    path: '/ledger/entries',
    summary: 'Enter any number of legs that balance in each currency: by hand, or for a step of a document',
    tag: 'Ledger',
    access: ['admin', 'service'],
    status: 201,
    idempotent: true,
    body: EntryBody,
    view: EnteredView,
    refusals: [
      'account_not_found',
      'wallet_not_found',
      'entry_exists',
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
        const { postings, description } = body
        const asked = { postings, description, fact: factIn(body, caller), actor: actorOf(caller) }
        return view(await enter(deps, asked, (posted) => answerWrites(view(posted))))
      }),
  }),
]

/** What a service enters is always for something; so may be what people enter. */
const factIn = ({ reference, key }: z.output<typeof EntryBody>, caller: Caller): Fact | undefined => {
  if (reference && key !== undefined) return { document: reference, step: key }
  if (caller.kind !== 'service' && !reference && key === undefined) return undefined
  throw invalidAt(['body', reference ? 'key' : 'reference'], 'field required', 'value_error.missing')
}

const toView = (caller: Caller, { entries: [entry], accounts }: Posted) => {
  if (!entry) throw new Error('The ledger answered without an entry')
  return { ...toEntryView(entry), wallets: visibleWallets(caller, accounts.values()) }
}
