import type { Role } from '@countinghouse/shared/contracts/auth'
import { userRegistered } from '@countinghouse/shared/contracts/auth'
import { on } from '@countinghouse/shared/messaging/delivery'
import { openWallet } from './commands.js'

const OWNERS: readonly Role[] = ['customer', 'vendor']

/** Customers and vendors own a wallet from the moment they register; staff do not. */
export const walletConsumers = ({ currency, now }: { currency: string; now: () => Date }) => [
  on(userRegistered, ({ event: { data }, once }) =>
    once(async (tx) => {
      if (OWNERS.includes(data.role)) await openWallet(tx, { userId: data.user_id, currency }, now())
    }),
  ),
]
