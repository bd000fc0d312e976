import type { Vault } from '@countinghouse/shared/crypto'
import type { Log } from '@countinghouse/shared/log'
import { inTransaction, readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { sealContextOf } from '../commands/links.js'
import { accountLinks } from '../store/links.js'

/** Seals every token under the first key, so that the ones before it can go. */
export const renewSeals = async ({ db, vault, log }: { db: Connection; vault: Vault; log: Log }): Promise<void> => {
  let renewed = 0
  for (const link of await readsOn(db).find(accountLinks, {})) {
    const { _id, sealedToken } = link
    const sealed = vault.renew(sealedToken, sealContextOf(link))
    if (sealed === undefined) continue
    renewed += await inTransaction(db, (tx) =>
      tx.update(accountLinks, { _id, sealedToken }, { $set: { sealedToken: sealed } }),
    )
  }
  if (renewed > 0) log.info({ renewed }, 'Tokens of institutions are sealed under the first key')
}
