import { LOAN_STATUSES } from '@countinghouse/shared/contracts/loan'
import { Day, Id, Timestamp, WireAmount } from '@countinghouse/shared/http/fields'
import { toWireAmount } from '@countinghouse/shared/money'
import { z } from 'zod'
import { MOVEMENT_KINDS, MOVEMENT_STATUSES, type Movement } from './domain.js'

export const MovementView = z.object({
  id: Id,
  loan_id: Id,
  kind: z.enum(MOVEMENT_KINDS),
  user_id: Id,
  amount: WireAmount,
  currency: z.string(),
  on: Day,
  status: z.enum(MOVEMENT_STATUSES),
  failure: z.object({ code: z.string(), message: z.string() }).nullable(),
  loan_status: z.enum(LOAN_STATUSES),
  entry_id: Id.nullable(),
  by: z.string(),
  reason: z.string().nullable(),
  attempts: z.number(),
  requested_at: Timestamp,
  settled_at: Timestamp.nullable(),
})

export const toMovementView = (movement: Movement): z.input<typeof MovementView> => {
  const { _id, loanId, kind, userId, amountMinor, currency, on, status, refusal, result } = movement
  return {
    ...{ id: _id, loan_id: loanId, kind, user_id: userId, currency, on, status },
    amount: toWireAmount(amountMinor, currency),
    failure: refusal && { code: refusal.code, message: refusal.message },
    loan_status: result.loanStatus,
    ...{ entry_id: movement.entryId, by: movement.by, reason: movement.reason, attempts: movement.attempts },
    requested_at: movement.createdAt.toISOString(),
    settled_at: movement.settledAt?.toISOString() ?? null,
  }
}

export const movementExample: z.input<typeof MovementView> = {
  id: '019aa3f3-4d5e-7f6a-8b7c-9d0e1f2a3b4c',
  loan_id: '019aa3f0-7c1e-7d4b-9b44-0d6a3e0f9a11',
  kind: 'late-credit-return',
  user_id: '019aa3ee-5d6c-7b1a-9c0d-1e2f3a4b5c6d',
  ...{ amount: 25000, currency: 'USD', on: '2026-11-21', status: 'STUCK' },
  failure: { code: 'insufficient_funds', message: 'The wallet holds too little for this' },
  ...{ loan_status: 'WITHDRAWN', entry_id: null, by: 'service:wallet-service', reason: null, attempts: 2 },
  ...{ requested_at: '2026-11-21T09:30:00.000Z', settled_at: null },
}
