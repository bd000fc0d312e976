import type { CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { formatAmount } from '@countinghouse/shared/money'
import { capture, getHold, place, release, type Asker, type Deps } from './commands.js'
import { statusOf } from './domain.js'

const HOUSE: Asker = { actor: 'service:wallet-service', userId: undefined }
const HELD_FOR_SECONDS = 7 * 24 * 3600

type Held = { amountMinor: bigint; currency: string }
type Order = Held & { walletId: string; description: string | null }

/** What the house itself holds in wallets for the clearing account: nobody else can let go of it. */
export const createHolding = (deps: Deps) => ({
  place: async (
    { walletId, amountMinor, currency, description }: Order,
    companions: (holdId: string) => CompanionWrite[],
  ): Promise<void> => {
    const amount = formatAmount(amountMinor, currency)
    const asked = { walletId, toWalletId: undefined, amount, description, expiresInSeconds: HELD_FOR_SECONDS }
    await place(deps, asked, HOUSE, ({ hold }) => companions(hold._id))
  },
  capture: async (
    id: string,
    { amountMinor, currency }: Held,
    companions: (entryId: string) => CompanionWrite[],
  ): Promise<void> => {
    const asked = { id, amount: formatAmount(amountMinor, currency), final: true }
    await capture(deps, asked, HOUSE, ({ entryId }) => companions(entryId))
  },
  release: async (id: string, companions: () => CompanionWrite[]): Promise<void> => {
    await release(deps, id, HOUSE, companions)
  },
  isHeld: async (id: string): Promise<boolean> =>
    statusOf(await getHold(deps, id, undefined), deps.now()) === 'pending',
})
