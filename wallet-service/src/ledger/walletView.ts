import { Id, Timestamp, WireAmount } from '@countinghouse/shared/http/fields'
import { toWireAmount } from '@countinghouse/shared/money'
import { z } from 'zod'
import { ACCOUNT_STATUSES, availableOf, type Account } from './domain.js'

export const WalletView = z.object({
  id: Id,
  user_id: Id,
  currency: z.string(),
  balance: WireAmount,
  available: WireAmount,
  held: WireAmount,
  status: z.enum(ACCOUNT_STATUSES),
  opened_at: Timestamp,
})

export const walletExample = {
  id: '019aa3f0-7c1e-7d4b-9b44-0d6a3e0f9a11',
  user_id: '019aa3f0-6b1d-7aa0-8c2f-5f4be7d3c9e2',
  currency: 'USD',
  balance: 25000,
  available: 24800,
  held: 200,
  status: 'open',
  opened_at: '2026-11-21T09:30:00.000Z',
}

export const toWalletView = (wallet: Account) => {
  const wire = (amountMinor: bigint) => toWireAmount(amountMinor, wallet.currency)
  return {
    id: wallet._id,
    user_id: wallet.ownerId ?? '',
    currency: wallet.currency,
    balance: wire(wallet.postedMinor),
    available: wire(availableOf(wallet)),
    held: wire(wallet.pendingOutMinor),
    status: wallet.status,
    opened_at: wallet.openedAt.toISOString(),
  }
}
