import type { Log } from '@countinghouse/shared/log'
import { acquireLease } from '@countinghouse/shared/mongo/lease'
import { inTransaction, type Tx } from '@countinghouse/shared/mongo/transaction'
import { Refusal } from '@countinghouse/shared/refusal'
import type { Connection } from 'mongoose'
import { SAMPLE_BLOW, SAMPLE_ITEMS, SAMPLE_PURCHASE, SAMPLE_SUPPLIERS } from './domain.js'

/** What the service does for anybody, as far as the sample data needs it. */
export type Deps = {
  db: Connection
  log: Log
  addItem(tx: Tx, item: (typeof SAMPLE_ITEMS)[number], at: Date): Promise<unknown>
  addSupplier(tx: Tx, supplier: (typeof SAMPLE_SUPPLIERS)[number], at: Date): Promise<unknown>
  hasPurchases(): Promise<boolean>
  hasBlows(): Promise<boolean>
  buy(purchase: typeof SAMPLE_PURCHASE): Promise<unknown>
  blow(blow: typeof SAMPLE_BLOW): Promise<unknown>
}

const LEASE_TTL_MS = 60_000

/** A purchase and a run of the machine, on a system without; what a stop left undone is done at the next start. */
export const loadSampleProduction = async (deps: Deps): Promise<void> => {
  if (await deps.hasBlows()) return
  const lease = await acquireLease(deps.db, 'sample-production', LEASE_TTL_MS)
  if (!lease) return
  try {
    await load(deps)
  } catch (error) {
    // Stricter settings are no reason not to start.
    if (!(error instanceof Refusal)) throw error
    deps.log.warn({ code: error.code, reason: error.message }, 'The sample of production could not be made')
  } finally {
    await lease.release()
  }
}

const load = async (deps: Deps): Promise<void> => {
  for (const item of SAMPLE_ITEMS) await once(deps.db, (tx) => deps.addItem(tx, item, SAMPLE_PURCHASE.at))
  for (const supplier of SAMPLE_SUPPLIERS)
    await once(deps.db, (tx) => deps.addSupplier(tx, supplier, SAMPLE_PURCHASE.at))
  if (!(await deps.hasPurchases())) await deps.buy(SAMPLE_PURCHASE)
  if (!(await deps.hasBlows())) await deps.blow(SAMPLE_BLOW)
}

const once = async (db: Connection, act: (tx: Tx) => Promise<unknown>): Promise<void> => {
  await inTransaction(db, act).catch((error: unknown) => {
    if (!(error instanceof Refusal && error.code.endsWith('_exists'))) throw error
  })
}
