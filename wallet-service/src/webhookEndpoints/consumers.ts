import { on, type Handler } from '@countinghouse/shared/messaging/delivery'
import { z } from 'zod'
import { webhookContracts } from './eventNames.js'
import { queueDeliveries } from './queueing.js'

/** Writes down for every endpoint that wants an event that it is to be sent there. */
export const webhookConsumers = ({ now }: { now: () => Date }): Handler[] =>
  webhookContracts.map((contract) =>
    on(contract, async ({ event, once }) => {
      const data: unknown = z.encode(contract.schema, event.data)
      await once((tx) => queueDeliveries(tx, { ...event, data }, now()))
    }),
  )
