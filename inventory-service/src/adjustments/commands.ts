import { toWire } from '@countinghouse/shared/http/wire'
import type { Envelope } from '@countinghouse/shared/messaging/event'
import type { CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { toWireAmount } from '@countinghouse/shared/money'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { ApprovalKind } from '../approvals/commands.js'
import type { Approval } from '../approvals/domain.js'
import { gate, type GateDeps, type WaitsForApproval } from '../approvals/gate.js'
import type { Posted, StockOrder } from '../stock/domain/stock.js'
import type { Stock } from '../stock/stock.js'
import { asOthersCost, varianceEvents } from '../stock/variance.js'
import { assertSensible, moveTypeOf, type Adjustment, type AdjustmentDraft } from './domain.js'
import { adjustmentInsertion } from './store.js'

export type Deps = GateDeps & { stock: Stock }
export type Maker = { userId: string; isAdmin: boolean }
export type AskedAdjustment = Omit<AdjustmentDraft, 'adjustmentId' | 'createdBy'>
type Answers = { made: (made: Adjustment) => CompanionWrite[]; waiting: (approval: Approval) => CompanionWrite[] }

/** Changes book stock to what is really there; what is worth more than the threshold waits until it is approved. */
export const adjust = async (
  deps: Deps,
  asked: AskedAdjustment,
  maker: Maker,
  answers: Answers,
): Promise<Adjustment | WaitsForApproval> => {
  const draft = { ...asked, adjustmentId: uuidv7(), createdBy: maker.userId }
  assertSensible(draft)
  const { valueMinor } = await preview(deps, draft)
  const submission = {
    kind: 'stock_adjustment',
    amountMinor: valueMinor < 0n ? -valueMinor : valueMinor,
    ...{ maker, party: null, document: draft, answer: answers.waiting },
  }
  return gate(deps, submission, (writes) =>
    post(deps, draft, (made) => ({ writes: [...writes, ...answers.made(made)], events: [] })),
  )
}

/** What happens to an adjustment that was approved. */
export const adjustmentKind = (deps: Deps): ApprovalKind => ({
  name: 'stock_adjustment',
  refusals: ['item_not_found', 'warehouse_not_found', 'insufficient_stock'],
  effect: async ({ approval, settled }) =>
    (await post(deps, approval.document as AdjustmentDraft, ({ _id }) => settled(_id)))._id,
  show: (document) => shown(document as AdjustmentDraft, deps.approvalRules.currency),
})

const shown = ({ worthMinor, ...draft }: AdjustmentDraft, currency: string) => ({
  ...toWire(draft),
  value: worthMinor === null ? null : toWireAmount(worthMinor, currency),
})

const preview = async (deps: Deps, draft: AdjustmentDraft): Promise<Adjustment> =>
  toAdjustment(deps, draft, await deps.stock.preview(orderOf(draft, deps.now())))

type Settled = (made: Adjustment) => { writes: CompanionWrite[]; events: Envelope[] }

const post = async (deps: Deps, draft: AdjustmentDraft, settled: Settled): Promise<Adjustment> => {
  const adjustmentOf = (posted: Posted) => toAdjustment(deps, draft, posted)
  const posted = await deps.stock.submit({
    ...orderOf(draft, deps.now()),
    companions: (made) => [adjustmentInsertion(adjustmentOf(made)), ...settled(adjustmentOf(made)).writes],
    events: (made) => [...eventsOf(deps, draft, made), ...settled(adjustmentOf(made)).events],
  })
  return adjustmentOf(posted)
}

const orderOf = (draft: AdjustmentDraft, now: Date): StockOrder => {
  const { adjustmentId, itemId, warehouseId, delta, worthMinor, createdBy } = draft
  const moved = { itemId, warehouseId, type: moveTypeOf(draft), quantity: Math.abs(delta) }
  return {
    cause: { kind: 'stock_adjustment', id: adjustmentId, step: 'posted' },
    actor: `user:${createdBy}`,
    effectiveAt: now,
    lines: [
      delta > 0
        ? { kind: 'receive', ...moved, valueMinor: worthMinor ?? asOthersCost(delta, warehouseId) }
        : { kind: 'issue', ...moved },
    ],
  }
}

const toAdjustment = ({ approvalRules }: Deps, draft: AdjustmentDraft, { moves, postedAt }: Posted): Adjustment => {
  const { adjustmentId, worthMinor: _, ...fields } = draft
  const { valueMinor = 0n, onHandAfter = 0 } = moves[0] ?? {}
  const { currency } = approvalRules
  return { _id: adjustmentId, ...fields, valueMinor, onHandAfter, currency, createdAt: postedAt }
}

const eventsOf = ({ approvalRules }: Deps, { adjustmentId, reason, note }: AdjustmentDraft, { moves }: Posted) =>
  varianceEvents({
    document: { kind: 'stock_adjustment', id: adjustmentId },
    moves,
    against: reason === 'opening' ? 'opening_balances' : 'stock_variance',
    reasonOf: () => ({ reason, note }),
    currency: approvalRules.currency,
  })
