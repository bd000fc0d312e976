import type { Vault } from '@countinghouse/shared/crypto'
import { inTransaction, readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { sealContextOf } from './commands.js'
import { webhookEndpoints } from './store.js'

/** Seals every secret under the first key, so that the ones before it can go. */
export const renewSecretSeals = async ({ db, vault }: { db: Connection; vault: Vault }): Promise<void> => {
  for (const endpoint of await readsOn(db).find(webhookEndpoints, {})) {
    const { _id, version } = endpoint
    const secrets = endpoint.secrets.map((secret) => {
      const sealed = vault.renew(secret.sealed, sealContextOf(endpoint))
      return sealed === undefined ? secret : { ...secret, sealed }
    })
    if (secrets.every((secret, index) => secret === endpoint.secrets[index])) continue
    await inTransaction(db, (tx) =>
      tx.update(webhookEndpoints, { _id, version }, { $set: { secrets }, $inc: { version: 1 } }),
    )
  }
}
