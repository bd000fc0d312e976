import type { Claim } from '@countinghouse/shared/idempotency'
import { inTransaction, readsOn, type Tx } from '@countinghouse/shared/mongo/transaction'
import { Refusal, refuse as refuseCommon } from '@countinghouse/shared/refusal'
import type { KnownWallets } from '../ledger/domain.js'
import { draftOf, walletIdsOf, type AskedTransfer, type Deps, type Payer } from './commands.js'
import { refusedItem, type ItemResult } from './domain.js'
import { ItemSettled, findItems, insertItems, itemWrite, openBatch } from './store.js'

/** The payer of a batch, and what its idempotency key stands for. */
export type Sender = Payer & { claim: Claim | undefined }

/**
 * Moves money many times, each for itself, all in as few commits as the ledger needs. Under a key every outcome is
 * final once it is stored, refusals too: a repeat after a crash, or beside this request, finds them and does the rest.
 */
export const transferEach = async (
  deps: Deps,
  asked: readonly AskedTransfer[],
  sender: Sender,
): Promise<readonly ItemResult[]> => {
  const known = await settledBefore(deps, asked, sender.claim)
  const wallets = await deps.wallets.find(walletIdsOf(asked))
  const results = await allOf(
    asked.map(async (one, index) => known.get(index) ?? transferOne(deps, { asked: one, index, wallets, sender })),
  )
  return sender.claim ? keepRefusals(deps, sender.claim, results) : results
}

const settledBefore = async ({ db, now }: Deps, asked: readonly unknown[], claim: Claim | undefined) => {
  if (!claim) return new Map<number, ItemResult>()
  const batch = { _id: claim.id, fingerprint: claim.fingerprint, startedAt: now() }
  const first = await inTransaction(db, (tx) => openBatch(tx, batch))
  if (first !== claim.fingerprint) throw refuseCommon('idempotency_key_reused')
  return findItems(readsOn(db), claim.id, [...asked.keys()])
}

// All are waited for, so that nothing moves any more when a fault is answered.
const allOf = async (items: readonly Promise<ItemResult>[]): Promise<ItemResult[]> => {
  const settled = await Promise.allSettled(items)
  return settled.map((item) => {
    if (item.status === 'rejected') throw item.reason
    return item.value
  })
}

type One = { asked: AskedTransfer; index: number; wallets: KnownWallets; sender: Sender }

const transferOne = async ({ db, ledger, now }: Deps, { asked, index, wallets, sender }: One): Promise<ItemResult> => {
  const batchId = sender.claim?.id
  try {
    const draft = draftOf(asked, wallets, sender)
    const result: ItemResult = { status: 'posted', id: draft.entryId }
    const kept = batchId === undefined ? [] : [itemWrite({ batchId, index, result, now: now() })]
    await ledger.submit({ drafts: [draft], companions: () => kept })
    return result
  } catch (error) {
    if (error instanceof ItemSettled && batchId !== undefined) return settledBy(db, batchId, index)
    // Under a key a passing refusal is no outcome: the whole batch is answered with it and can be sent again.
    if (error instanceof Refusal && (error.status < 500 || batchId === undefined)) return refusedItem(error)
    throw error
  }
}

const settledBy = async (db: Deps['db'], batchId: string, index: number): Promise<ItemResult> => {
  const result = (await findItems(readsOn(db), batchId, [index])).get(index)
  if (!result) throw new Error('A settled item of a batch is gone')
  return result
}

/** Stores the refusals; where another request with the key was faster, its outcome stands. */
const keepRefusals = ({ db, now }: Deps, { id: batchId }: Claim, results: readonly ItemResult[]) => {
  const refused = [...results.entries()].filter(([, { status }]) => status === 'refused')
  const keep = async (tx: Tx): Promise<ItemResult[]> => {
    const standing = await findItems(tx, batchId, refused.map(([index]) => index)) // prettier-ignore
    const fresh = refused.filter(([index]) => !standing.has(index))
    if (fresh.length > 0)
      await insertItems(tx, fresh.map(([index, result]) => ({ batchId, index, result, now: now() }))) // prettier-ignore
    return results.map((result, index) => standing.get(index) ?? result)
  }
  return refused.length === 0 ? results : inTransaction(db, keep)
}
