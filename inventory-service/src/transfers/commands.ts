import type { CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { Connection } from 'mongoose'
import type { Posted } from '../stock/domain/stock.js'
import type { Stock } from '../stock/stock.js'
import { linesOf, withValues, type Transfer, type TransferDraft } from './domain.js'
import { transferInsertion } from './store.js'

export type Deps = { db: Connection; now: () => Date; stock: Stock; currency: string }

/** Moves goods to another warehouse, with what they cost. */
export const transfer = async (
  { stock, now, currency }: Deps,
  draft: TransferDraft,
  userId: string,
  answer: (made: Transfer) => CompanionWrite[],
): Promise<Transfer> => {
  const _id = uuidv7()
  const transferOf = ({ moves, postedAt }: Posted): Transfer => ({
    ...{ _id, ...draft, currency, createdBy: userId, createdAt: postedAt },
    lines: withValues(draft.lines, moves),
  })
  const posted = await stock.submit({
    cause: { kind: 'stock_transfer', id: _id, step: 'posted' },
    actor: `user:${userId}`,
    effectiveAt: now(),
    lines: linesOf(draft),
    companions: (made) => [transferInsertion(transferOf(made)), ...answer(transferOf(made))],
  })
  return transferOf(posted)
}
