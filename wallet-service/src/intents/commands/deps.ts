import type { CompanionWrite } from '@countinghouse/shared/mongo/companion'
import type { WalletBook } from '../../ledger/walletFacts.js'
import type { Deps as PaymentDeps } from '../../payments/commands.js'
import type { PaymentProvider } from '../../payments/provider.js'
import type { Loans } from '../loans.js'

type Held = { amountMinor: bigint; currency: string }

/** Money set aside in a payer's own wallet. */
export interface Holding {
  place(
    order: Held & { walletId: string; description: string | null },
    companions: (holdId: string) => CompanionWrite[],
  ): Promise<void>
  /** Pays what is held or a part of it, and lets go of the rest. */
  capture(holdId: string, part: Held, companions: (entryId: string) => CompanionWrite[]): Promise<void>
  release(holdId: string, companions: () => CompanionWrite[]): Promise<void>
  isHeld(holdId: string): Promise<boolean>
}

export type Deps = PaymentDeps & {
  wallets: WalletBook
  provider: PaymentProvider
  holding: Holding
  loans: Loans
  currency: string
}

/** Who asks; `userId` is set for those who are bound to what is theirs. */
export type Asker = { actor: string; userId: string | undefined }
