import { rehearsed } from '@countinghouse/shared/http/dryRun'
import type { EndpointRequest, Settled } from '@countinghouse/shared/http/endpoint'
import { inTransaction, type Tx } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import type { z } from 'zod'

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
      throw new TakenBack(await effect(tx))
    })
  } catch (error) {
    if (!(error instanceof TakenBack)) throw error
    return rehearsed(view, error.result)
  }
}

class TakenBack extends Error {
  constructor(readonly result: object) {
    super('A dry run ends here')
  }
}
