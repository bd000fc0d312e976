import { walletCredited, walletDebited } from '@countinghouse/shared/contracts/wallet'
import { on, type Delivery, type Handler } from '@countinghouse/shared/messaging/delivery'
import type { z } from 'zod'
import type { Deps } from './commands/deps.js'
import { settleTold } from './commands/settle.js'
import { MOVEMENT_KINDS } from './domain.js'

type Moved = Delivery<z.output<typeof walletDebited.schema>>

/** That money of ours moved, as wallet-service tells it. */
export const movementConsumers = (deps: Deps): Handler[] => {
  const handle = async ({ event: { data }, once }: Moved): Promise<void> => {
    const { reference, entry_id: entryId, amount_minor: amountMinor } = data
    if (!(MOVEMENT_KINDS as readonly string[]).includes(reference.kind)) return
    await once((tx) => settleTold(tx, deps, { movementId: reference.id, entryId, amountMinor }))
  }
  return [on(walletDebited, handle), on(walletCredited, handle)]
}
