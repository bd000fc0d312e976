import { Id, Timestamp, WireAmount } from '@countinghouse/shared/http/fields'
import { toWireAmount } from '@countinghouse/shared/money'
import { z } from 'zod'
import { referenceOf, type Entry } from './domain.js'

const PostingView = z.object({
  account_id: z.string(),
  side: z.enum(['debit', 'credit']),
  amount: WireAmount,
  currency: z.string(),
  balance_after: WireAmount,
})

export const EntryView = z.object({
  id: Id,
  /** Names the business fact behind it; none for an entry that is a fact of its own. */
  key: z.string().nullable(),
  kind: z.string(),
  reference: z.object({ kind: z.string(), id: z.string() }),
  postings: z.array(PostingView),
  actor: z.string(),
  description: z.string().nullable(),
  posted_at: Timestamp,
})

export const entryExample = {
  id: '019aa3f0-7c1e-7d4b-9b44-0d6a3e0f9a11',
  key: 'disbursement:019aa3f0-6b1d-7aa0-8c2f-5f4be7d3c9e2',
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
  description: null,
  posted_at: '2026-11-21T09:30:00.000Z',
}

export const toEntryView = (entry: Entry) => ({
  id: entry._id,
  key: entry.key,
  kind: entry.kind,
  reference: referenceOf(entry),
  postings: entry.postings.map(({ accountId, side, amountMinor, currency, balanceAfterMinor }) => ({
    account_id: accountId,
    side,
    amount: toWireAmount(amountMinor, currency),
    currency,
    balance_after: toWireAmount(balanceAfterMinor, currency),
  })),
  actor: entry.actor,
  description: entry.description,
  posted_at: entry.postedAt.toISOString(),
})
