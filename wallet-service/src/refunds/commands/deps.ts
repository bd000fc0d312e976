import type { Deps as PaymentDeps } from '../../payments/commands.js'
import type { PaymentProvider } from '../../payments/provider.js'

export type Deps = PaymentDeps & { provider: PaymentProvider }

/** Who asks; `userId` is set for those who are bound to what is theirs. */
export type Asker = { actor: string; userId: string | undefined }
