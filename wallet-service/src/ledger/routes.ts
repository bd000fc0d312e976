import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Id, Timestamp, WireAmount, feedQuery } from '@countinghouse/shared/http/fields'
import { toWireAmount } from '@countinghouse/shared/money'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { z } from 'zod'
import type { Entry } from './domain.js'
import { listEntries, trialBalance } from './store.js'

const PostingView = z.object({
  account_id: z.string(),
  side: z.enum(['debit', 'credit']),
  amount: WireAmount,
  currency: z.string(),
  balance_after: WireAmount,
})

const EntryView = z.object({
  id: Id,
  kind: z.string(),
  reference: z.object({ kind: z.string(), id: z.string() }),
  postings: z.array(PostingView),
  actor: z.string(),
  posted_at: Timestamp,
})

const BalanceView = z.object({
  balanced: z.boolean(),
  currencies: z.array(z.object({ currency: z.string(), debits: WireAmount, credits: WireAmount })),
})

const entryExample = {
  id: '019aa3f0-7c1e-7d4b-9b44-0d6a3e0f9a11',
  kind: 'disbursement',
  reference: { kind: 'disbursement', id: '019aa3f0-6b1d-7aa0-8c2f-5f4be7d3c9e2' },
  postings: [
    { account_id: 'house:loans_receivable:USD', side: 'debit', amount: 25000, currency: 'USD', balance_after: 25000 },
    {
      account_id: '019aa3f0-5a0c-7b1f-9d3e-2c6f8b7a4e10',
      side: 'credit',
      amount: 25000,
      currency: 'USD',
      balance_after: 25000,
    },
  ],
  actor: 'user:019aa3f0-4f9b-7c0e-8a1d-6b5e3d2c1f00',
  posted_at: '2026-11-21T09:30:00.000Z',
}

export const ledgerEndpoints = ({ db }: { db: Connection }) => [
  endpoint({
    method: 'get',
    path: '/ledger/entries',
    summary: 'Read the journal, newest first',
    tag: 'Ledger',
    access: ['admin'],
    query: z.object({
      ...feedQuery,
      reference_id: z.string().max(128).optional(),
      account_id: z.string().max(128).optional(),
    }),
    view: EntryView,
    list: true,
    example: { view: [entryExample] },
    handle: async ({ query }) => (await listEntries(readsOn(db), query)).map(toView),
  }),
  endpoint({
    method: 'get',
    path: '/ledger/trial-balance',
    summary: 'Sum all accounts: per currency, debits equal credits',
    tag: 'Ledger',
    access: ['admin'],
    view: BalanceView,
    example: { view: { balanced: true, currencies: [{ currency: 'USD', debits: 25000, credits: 25000 }] } },
    handle: async () => {
      const totals = await trialBalance(readsOn(db))
      return {
        balanced: totals.every(({ debitsMinor, creditsMinor }) => debitsMinor === creditsMinor),
        currencies: totals.map(({ currency, debitsMinor, creditsMinor }) => ({
          currency,
          debits: toWireAmount(debitsMinor, currency),
          credits: toWireAmount(creditsMinor, currency),
        })),
      }
    },
  }),
]

const toView = ({ _id, key: _key, postings, postedAt, ...entry }: Entry) => ({
  id: _id,
  ...entry,
  postings: postings.map(({ accountId, side, amountMinor, currency, balanceAfterMinor }) => ({
    account_id: accountId,
    side,
    amount: toWireAmount(amountMinor, currency),
    currency,
    balance_after: toWireAmount(balanceAfterMinor, currency),
  })),
  posted_at: postedAt.toISOString(),
})
