import type { Caller } from '@countinghouse/shared/http/caller'
import { refuse } from '@countinghouse/shared/refusal'
import { boundTo } from '../ledger/walletAccess.js'

export const readers = ['customer', 'vendor', 'viewer', 'staff', 'admin'] as const
export const writers = ['customer', 'vendor', 'admin'] as const

/** Accounts elsewhere are their user's: others of the public are refused, whether the user exists or not. */
export const refuseForeign = (caller: Caller, userId: string): void => {
  const own = boundTo(caller)
  if (own !== undefined && own !== userId) throw refuse('forbidden')
}
