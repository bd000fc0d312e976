import type { Tx } from '@countinghouse/shared/mongo/transaction'
import { refuse } from '../../errors.js'
import type { AccountMovement, MovementEdits } from '../domain/movements.js'
import { accountMovements } from '../store/movements.js'

type MovementPlace = { userId: string; accountId: string; id: string }
type AskedEdits = { [Name in keyof MovementEdits]?: MovementEdits[Name] | undefined }

/** Writes down what the user makes of a movement; what is not said stays. */
export const editMovement = async (
  tx: Tx,
  { userId, accountId, id }: MovementPlace,
  { category, note }: AskedEdits,
  now: Date,
): Promise<AccountMovement> => {
  const movement = await tx.findOne(accountMovements, { _id: id, userId, accountId, removedAt: null })
  if (!movement) throw refuse('transaction_not_found', { transaction_id: id })
  const edits = {
    ...movement.edits,
    ...(category !== undefined && { category }),
    ...(note !== undefined && { note }),
  }
  await tx.update(accountMovements, { _id: id }, { $set: { edits, updatedAt: now } })
  return { ...movement, edits, updatedAt: now }
}
