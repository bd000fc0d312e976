import type { Account } from '../ledger/domain.js'

/** A wallet as the pure tests need it: open, with a dollar in it. */
export const wallet = (fields: Partial<Account> = {}): Account => ({
  _id: 'wallet',
  kind: 'wallet',
  type: 'liability',
  currency: 'USD',
  ownerId: 'owner',
  status: 'open',
  postedMinor: 100n,
  pendingInMinor: 0n,
  pendingOutMinor: 0n,
  availableFloorMinor: 0n,
  postedCeilingMinor: null,
  version: 1,
  openedAt: new Date('2026-11-21T09:30:00Z'),
  ...fields,
})
