import { Id, Timestamp, UnreadAmount, WireAmount, text } from '@countinghouse/shared/http/fields'
import { toWireAmount } from '@countinghouse/shared/money'
import { z } from 'zod'
import { REMITTANCE_STATUSES, type Recipient, type Remittance } from './domain.js'

const Bank = z.strictObject({
  bank_account: text(100).meta({ description: 'The account as the payment provider names it' }),
  name: text(200).meta({ description: 'Whose account it is' }),
})
const Wallet = z.strictObject({ wallet_id: Id })

export const RemittanceBody = z.strictObject({
  recipient: z
    .union([Id, Wallet, Bank])
    .meta({ description: 'A wallet, or a user whose wallet it is, or a bank account' }),
  amount: UnreadAmount,
  currency: z.string().regex(/^[A-Z]{3}$/).optional().meta({ example: 'USD' }), // prettier-ignore
  description: text(200).optional(),
})

export const ChangeBody = z.strictObject({
  status: z.enum(['completed', 'failed', 'cancelled', 'returned']),
  reason: text(500).optional(),
})

const StepView = z.object({
  status: z.enum(REMITTANCE_STATUSES),
  at: Timestamp,
  actor: z.string(),
  reason: z.string().nullable(),
})

export const RemittanceView = z.object({
  id: Id,
  user_id: Id,
  wallet_id: Id,
  recipient: z.union([z.object({ wallet_id: Id }), z.object({ bank_account: z.string(), name: z.string() })]),
  amount: WireAmount,
  currency: z.string(),
  description: z.string().nullable(),
  status: z.enum(REMITTANCE_STATUSES),
  payout_id: z.string().nullable(),
  history: z.array(StepView),
  created_at: Timestamp,
})
export const TrackingView = z.object({ id: Id, status: z.enum(REMITTANCE_STATUSES), history: z.array(StepView) })

const started = { status: 'pending', at: '2026-11-21T09:30:00.000Z', actor: 'user:user123', reason: null }
const remittance = {
  id: '019aa3f0-7c1e-7d4b-9b44-0d6a3e0f9a71',
  user_id: 'user123',
  wallet_id: '019aa3f0-7c1e-7d4b-9b44-0d6a3e0f9a11',
  recipient: { bank_account: 'ba_success', name: 'Ben Okafor' },
  amount: 125,
  currency: 'USD',
  description: 'Rent',
  status: 'pending',
  payout_id: null,
  history: [started],
  created_at: started.at,
}
const cancelled = { ...started, status: 'cancelled', reason: 'Sent twice' }

export const examples = {
  send: {
    body: { recipient: remittance.recipient, amount: 125, currency: 'USD', description: 'Rent' },
    view: remittance,
  },
  read: { view: remittance },
  list: { view: [remittance] },
  change: {
    body: { status: 'cancelled', reason: 'Sent twice' },
    view: { ...remittance, status: 'cancelled', history: [started, cancelled] },
  },
  tracking: { view: { id: remittance.id, status: 'pending', history: [started] } },
}

const toRecipientView = (recipient: Recipient) =>
  recipient.kind === 'wallet'
    ? { wallet_id: recipient.walletId }
    : { bank_account: recipient.account, name: recipient.name }

export const toTrackingView = ({ _id, status, history }: Remittance) => ({
  id: _id,
  status,
  history: history.map(({ at, ...step }) => ({ ...step, at: at.toISOString() })),
})

export const toRemittanceView = (one: Remittance) => ({
  ...toTrackingView(one),
  user_id: one.userId,
  wallet_id: one.walletId,
  recipient: toRecipientView(one.recipient),
  amount: toWireAmount(one.amountMinor, one.currency),
  currency: one.currency,
  description: one.description,
  payout_id: one.payoutId,
  created_at: one.createdAt.toISOString(),
})
