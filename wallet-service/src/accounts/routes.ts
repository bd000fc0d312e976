import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Id, WireAmount, feedQuery } from '@countinghouse/shared/http/fields'
import { toWireAmount } from '@countinghouse/shared/money'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { z } from 'zod'
import { ACCOUNT_STATUSES, ACCOUNT_TYPES, availableOf, type Account } from '../ledger/domain.js'
import { listAccounts } from './store.js'

const KINDS = ['wallet', 'house'] as const

const AccountView = z.object({
  id: Id,
  kind: z.enum(KINDS),
  type: z.enum(ACCOUNT_TYPES),
  currency: z.string(),
  user_id: z.string().nullable(),
  balance: WireAmount,
  available: WireAmount,
  held: WireAmount,
  status: z.enum(ACCOUNT_STATUSES),
})

const example = {
  id: 'house:bank:USD',
  kind: 'house',
  type: 'asset',
  currency: 'USD',
  user_id: null,
  balance: 25000,
  available: 25000,
  held: 0,
  status: 'open',
}

export const accountEndpoints = ({ db }: { db: Connection }) => [
  endpoint({
    method: 'get',
    path: '/ledger/accounts',
    reads: { data: 'financial', of: 'account' },
    summary: 'List the accounts of the books: the wallets and the house’s own',
    tag: 'Ledger',
    access: ['admin'],
    query: z.object({ ...feedQuery, kind: z.enum(KINDS).optional() }),
    view: AccountView,
    list: true,
    example: { view: [example] },
    handle: async ({ query }) => (await listAccounts(readsOn(db), query)).map(toView),
  }),
]

const toView = (account: Account) => {
  const { _id, kind, type, currency, ownerId, postedMinor, pendingOutMinor, status } = account
  const wire = (amountMinor: bigint) => toWireAmount(amountMinor, currency)
  return {
    id: _id,
    kind,
    type,
    currency,
    user_id: ownerId,
    balance: wire(postedMinor),
    available: wire(availableOf(account)),
    held: wire(pendingOutMinor),
    status,
  }
}
