import { toWire } from '@countinghouse/shared/http/wire'
import type { Envelope } from '@countinghouse/shared/messaging/event'
import type { CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { ApprovalKind } from '../../approvals/commands.js'
import { statusOf, type Approval } from '../../approvals/domain.js'
import { gate, type WaitsForApproval } from '../../approvals/gate.js'
import { findPendingOf } from '../../approvals/store.js'
import { refuse } from '../../errors.js'
import { untilUnchanged } from '../../overtaken.js'
import type { Posted, StockOrder } from '../../stock/domain/stock.js'
import { asOthersCost, varianceEvents } from '../../stock/variance.js'
import { COUNT_KIND, countersOf, differencesOf, post, varianceOf, type StockCount } from '../domain.js'
import { toCountPosted } from '../events.js'
import { countUpdate } from '../store.js'
import { getCount, type Answer, type Deps, type Person } from './steps.js'

/** Who brings the books to which count: what is approved, where it has to be. */
type Posting = { stockCountId: string; postedBy: string }
type Answers = { posted: Answer; waiting: (approval: Approval) => CompanionWrite[] }

/** Brings the books to what was counted; differences that are worth more than the threshold wait until it is approved. */
export const postCount = async (
  deps: Deps,
  id: string,
  maker: Person,
  answers: Answers,
): Promise<StockCount | WaitsForApproval> => {
  const reads = readsOn(deps.db)
  const posting = { stockCountId: id, postedBy: maker.userId }
  const count = await getCount(reads, id)
  post(count, { by: maker.userId, now: deps.now() })
  const pending = await findPendingOf(reads, COUNT_KIND, id)
  if (pending && statusOf(pending, deps.now()) === 'pending')
    throw refuse('approval_pending', { approval_id: pending._id })
  const submission = {
    ...{ kind: COUNT_KIND, subjectId: id, document: posting, party: null },
    ...{ amountMinor: await worthOf(deps, count, posting), maker, alsoBy: countersOf(count), answer: answers.waiting },
  }
  return gate(deps, submission, (writes) =>
    bringToBooks(deps, posting, (posted) => ({ writes: [...writes, ...answers.posted(posted)], events: [] })),
  )
}

/** What happens to a count whose posting was approved. */
export const countKind = (deps: Deps): ApprovalKind => ({
  name: COUNT_KIND,
  refusals: ['stock_count_not_found', 'stock_count_state', 'stock_count_same_person', 'insufficient_stock'],
  effect: async ({ approval, settled }) =>
    (await bringToBooks(deps, approval.document as Posting, ({ _id }) => settled(_id)))._id,
  show: toWire,
})

// What is found does not make up for what is gone.
const worthOf = async ({ stock, now }: Deps, count: StockCount, posting: Posting): Promise<bigint> => {
  const { moves } = await stock.preview(orderOf(count, posting, now()))
  return moves.reduce((sum, { valueMinor }) => sum + (valueMinor < 0n ? -valueMinor : valueMinor), 0n)
}

type Settled = (posted: StockCount) => { writes: CompanionWrite[]; events: Envelope[] }

const bringToBooks = (deps: Deps, posting: Posting, settled: Settled): Promise<StockCount> =>
  untilUnchanged(async () => {
    const before = await getCount(readsOn(deps.db), posting.stockCountId)
    const after = post(before, { by: posting.postedBy, now: deps.now() })
    const countOf = ({ moves }: Posted): StockCount => ({ ...after, lines: withValues(after, moves) })
    const made = await deps.stock.submit({
      ...orderOf(before, posting, deps.now()),
      companions: (posted) => [countUpdate(before, countOf(posted)), ...settled(countOf(posted)).writes],
      events: (posted) => [
        ...varianceEvents(varianceIn(before, posted.moves)),
        toCountPosted(countOf(posted)),
        ...settled(countOf(posted)).events,
      ],
    })
    return countOf(made)
  })

const orderOf = (count: StockCount, { postedBy }: Posting, effectiveAt: Date): StockOrder => ({
  cause: { kind: 'stock_count', id: count._id, step: 'posted' },
  ...{ actor: `user:${postedBy}`, effectiveAt },
  lines: differencesOf(count, (quantity) => asOthersCost(quantity, count.warehouseId)),
})

const withValues = ({ lines }: StockCount, moves: Posted['moves']): StockCount['lines'] =>
  lines.map((line) => ({
    ...line,
    valueMinor: varianceOf(line) === 0 ? 0n : (moves.find(({ itemId }) => itemId === line.itemId)?.valueMinor ?? 0n),
  }))

const varianceIn = ({ _id, note, currency }: StockCount, moves: Posted['moves']) => ({
  document: { kind: 'stock_count' as const, id: _id },
  ...{ moves, against: 'stock_variance' as const, currency },
  reasonOf: () => ({ reason: 'count', note }),
})
