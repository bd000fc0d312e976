import { answerOf } from '@countinghouse/shared/idempotency'
import { Settled, type EndpointRequest } from '@countinghouse/shared/http/endpoint'
import { inTransaction, type Tx } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { z } from 'zod'

/** The query of a costly act that may be tried without effect. */
export const dryRunQuery = {
  dry_run: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .meta({ description: 'Answers what would happen, and does nothing' }),
}

type Run<View extends z.ZodType> = {
  query: { dry_run: boolean }
  once: EndpointRequest<unknown, unknown, unknown, View>['once']
  db: Connection
  view: View
}

/** Does the effect once; or, in a dry run, does it and takes it back, and answers what would have been. */
export const onceOrDry = <View extends z.ZodType<unknown, object>>(
  { query, once, db, view }: Run<View>,
  effect: (tx: Tx) => Promise<z.input<View>>,
): Promise<Settled> => (query.dry_run ? rehearse(db, view, effect) : once(effect))

const rehearse = async <View extends z.ZodType<unknown, object>>(
  db: Connection,
  view: View,
  effect: (tx: Tx) => Promise<z.input<View>>,
): Promise<Settled> => {
  try {
    return await inTransaction(db, async (tx) => {
      throw new TakenBack({ ...(await effect(tx)), dry_run: true })
    })
  } catch (error) {
    if (!(error instanceof TakenBack)) throw error
    return new Settled(answerOf(200, view.parse(error.result)), false)
  }
}

class TakenBack extends Error {
  constructor(readonly result: unknown) {
    super('A dry run ends here')
  }
}
