import { on, type Delivery, type Handler } from '@countinghouse/shared/messaging/delivery'
import type { EventContract } from '@countinghouse/shared/messaging/event'
import type { z } from 'zod'
import type { Purpose } from './walletPayments.js'

type OfPurpose = z.ZodType<{ purpose: { kind: string; id: string } }>

/** Takes what wallet-service tells of payments for this purpose; those for anything else are not ours. */
export const paymentsFor =
  (kind: Purpose['kind']) =>
  <Schema extends OfPurpose>(
    contract: EventContract<Schema>,
    handle: (delivery: Delivery<z.output<Schema>>) => Promise<unknown>,
  ): Handler =>
    on(contract, async (delivery) => {
      if (delivery.event.data.purpose.kind === kind) await handle(delivery)
    })
