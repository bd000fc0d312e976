import type { Log } from '@countinghouse/shared/log'
import type { Deps as LoanDeps } from '../../loans/deps.js'
import type { Wallets } from '../wallets.js'

export type Deps = LoanDeps & { wallets: Wallets; log: Log }
