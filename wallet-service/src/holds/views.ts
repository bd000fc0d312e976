import { Id, Timestamp, UnreadAmount, WireAmount, text } from '@countinghouse/shared/http/fields'
import { toWireAmount } from '@countinghouse/shared/money'
import { z } from 'zod'
import { WalletView, walletExample } from '../ledger/walletView.js'
import { HOLD_STATUSES, remainingOf, statusOf, type Hold } from './domain.js'

const DAY_SECONDS = 24 * 3600

export const HoldBody = z.strictObject({
  wallet_id: Id.optional().meta({ description: 'One’s own wallet, if it is not said' }),
  to_wallet_id: Id.optional().meta({ description: 'Whom a capture pays; without it, the house’s clearing account' }),
  amount: UnreadAmount,
  expires_in: z
    .number()
    .int()
    .min(1)
    .max(30 * DAY_SECONDS)
    .default(7 * DAY_SECONDS)
    .meta({ description: 'Seconds' }),
  description: text(200).optional(),
})

export const CaptureBody = z.strictObject({
  amount: UnreadAmount.optional().meta({ description: 'All that is held, if it is not said' }),
  final: z.boolean().default(true).meta({ description: 'Lets go of the rest' }),
})

export const HoldView = z.object({
  id: Id,
  wallet_id: Id,
  to_account_id: Id,
  amount: WireAmount,
  captured: WireAmount,
  remaining: WireAmount,
  currency: z.string(),
  status: z.enum(HOLD_STATUSES),
  description: z.string().nullable(),
  placed_by: z.string(),
  expires_at: Timestamp,
  created_at: Timestamp,
})

// Of the wallets it touches, the caller sees their own.
export const SteppedView = HoldView.extend({ wallets: z.array(WalletView) })

const holdExample = {
  id: '019aa3f0-9e3a-7f6d-9d66-2f8c5a2b1c33',
  wallet_id: walletExample.id,
  to_account_id: '019aa3f0-7c1e-7d4b-9b44-0d6a3e0f9a12',
  amount: 200,
  captured: 0,
  remaining: 200,
  currency: 'USD',
  status: 'pending',
  description: 'Deposit for room 12',
  placed_by: `user:${walletExample.user_id}`,
  expires_at: '2026-11-28T09:30:00.000Z',
  created_at: '2026-11-21T09:30:00.000Z',
}

const stepExample = (changes: object, wallet: object) => ({
  ...holdExample,
  ...changes,
  wallets: [{ ...walletExample, ...wallet }],
})

export const examples = {
  read: { view: holdExample },
  place: {
    body: { to_wallet_id: holdExample.to_account_id, amount: 200, expires_in: 604800, description: holdExample.description }, // prettier-ignore
    view: stepExample({}, {}),
  },
  capture: {
    body: { amount: 150, final: true },
    view: stepExample(
      { captured: 150, remaining: 0, status: 'captured' },
      { balance: 24850, available: 24850, held: 0 },
    ),
  },
  release: { view: stepExample({ remaining: 0, status: 'released' }, { available: 25000, held: 0 }) },
}

export const toHoldView = (hold: Hold, now: Date) => {
  const wire = (amountMinor: bigint) => toWireAmount(amountMinor, hold.currency)
  const status = statusOf(hold, now)
  return {
    id: hold._id,
    wallet_id: hold.walletId,
    to_account_id: hold.targetId,
    amount: wire(hold.amountMinor),
    captured: wire(hold.capturedMinor),
    remaining: wire(status === 'pending' ? remainingOf(hold) : 0n),
    currency: hold.currency,
    status,
    description: hold.description,
    placed_by: hold.placedBy,
    expires_at: hold.expiresAt.toISOString(),
    created_at: hold.placedAt.toISOString(),
  }
}
