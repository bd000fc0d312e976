import type { CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { Connection } from 'mongoose'
import { namesOf } from '../ledger/documents.js'
import type { Ledger } from '../ledger/ledger.js'
import { findEntryByKey } from '../ledger/store.js'
import { dueEntry, saysTheSame, type DueEntry } from './domain.js'

export type Deps = { db: Connection; ledger: Ledger }

/** Enters what is due; refused when its fact is in the books already. */
export const enterDue = async ({ ledger }: Deps, due: DueEntry, inboxWrite: CompanionWrite): Promise<void> => {
  await ledger.submit({ drafts: [dueEntry(due, uuidv7())], companions: () => [inboxWrite] })
}

/** True when the books have this fact, and with the same lines. */
export const isEntered = async ({ db }: Deps, due: DueEntry): Promise<boolean> => {
  const entry = await findEntryByKey(readsOn(db), namesOf(due).key)
  return entry !== undefined && saysTheSame(entry, due)
}
