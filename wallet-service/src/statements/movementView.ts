import { Id, Timestamp, WireAmount } from '@countinghouse/shared/http/fields'
import { toWireAmount } from '@countinghouse/shared/money'
import { z } from 'zod'
import { referenceOf } from '../ledger/domain.js'
import type { Movement } from './domain.js'

export const MovementView = z.object({
  id: Id,
  wallet_id: Id,
  kind: z.string(),
  direction: z.enum(['credit', 'debit']),
  amount: WireAmount,
  currency: z.string(),
  balance_after: WireAmount,
  reference: z.object({ kind: z.string(), id: z.string() }),
  description: z.string().nullable(),
  actor: z.string(),
  time: Timestamp,
})

export const movementExample = {
  id: '019aa3f0-7c1e-7d4b-9b44-0d6a3e0f9a11',
  wallet_id: '019aa3f0-5a0c-7b1f-9d3e-2c6f8b7a4e10',
  kind: 'transfer',
  direction: 'debit',
  amount: 250,
  currency: 'USD',
  balance_after: 24750,
  reference: { kind: 'transfer', id: '019aa3f0-6b1d-7aa0-8c2f-5f4be7d3c9e2' },
  description: 'Rent of November',
  actor: 'user:019aa3f0-4f9b-7c0e-8a1d-6b5e3d2c1f00',
  time: '2026-11-21T09:30:00.000Z',
}

export const toMovementView = ({ entry, posting }: Movement) => ({
  id: entry._id,
  wallet_id: posting.accountId,
  kind: entry.kind,
  direction: posting.side,
  amount: toWireAmount(posting.amountMinor, posting.currency),
  currency: posting.currency,
  balance_after: toWireAmount(posting.balanceAfterMinor, posting.currency),
  reference: referenceOf(entry),
  description: entry.description,
  actor: entry.actor,
  time: entry.postedAt.toISOString(),
})
