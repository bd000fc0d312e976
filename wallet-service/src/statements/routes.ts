import type { Deps } from './routes/deps.js'
import { feedEndpoints } from './routes/feeds.js'
import { statementEndpoints } from './routes/statements.js'
import { trialBalanceEndpoints } from './routes/trialBalance.js'

/** Everything that is read from the journal and changes nothing. */
export const statementsEndpoints = (deps: Deps) => [
  ...feedEndpoints(deps),
  ...statementEndpoints(deps),
  ...trialBalanceEndpoints(deps),
]
