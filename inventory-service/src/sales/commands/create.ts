import { untilUnchanged } from '../../overtaken.js'
import { addDays } from '@countinghouse/shared/calendar'
import type { Envelope } from '@countinghouse/shared/messaging/event'
import type { CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { ApprovalKind, Approved } from '../../approvals/commands.js'
import type { Approval } from '../../approvals/domain.js'
import { gate, type WaitsForApproval } from '../../approvals/gate.js'
import { namesOfItems } from '../../items/store.js'
import { getActiveParty, namedBy } from '../../parties/commands.js'
import type { Posted, StockOrder } from '../../stock/domain/stock.js'
import { drawnOn, findCreditTerms } from '../credit.js'
import { assertCredit, assertDueOn, confirmSale, type SaleDraft } from '../domain/confirm.js'
import { priceSale, type Asked } from '../domain/pricing.js'
import type { Sale } from '../domain/sale.js'
import { eventsOfSale } from '../events.js'
import { owedBy, saleInsertion } from '../store.js'
import { toDraftView } from '../view.js'
import type { Answer, Deps } from './deps.js'
import type { Asker } from '../../asking.js'

export type AskedSale = Asked & {
  customerId: string
  warehouseId: string
  dueOn: string | null
  notes: string | null
  /** The approval of the sale that this one takes the place of. */
  replaces: string | undefined
}

export type SaleAnswers = { made: Answer<Sale>; waiting: Answer<Approval> }

/** Makes a sale, whose goods leave the stock with it; one above the threshold waits until it is approved. */
export const createSale = async (
  deps: Deps,
  asked: AskedSale,
  maker: Asker,
  answer: SaleAnswers,
): Promise<Sale | WaitsForApproval> => {
  const draft = await draftSale(deps, asked, maker)
  const isLarge = draft.totalMinor > deps.approvalRules.thresholdMinor
  // Nobody is asked to approve what could not be done.
  if (isLarge) await rehearseSale(deps, draft)
  const submission = {
    kind: 'sale',
    amountMinor: draft.totalMinor,
    maker: { userId: maker.userId, isAdmin: maker.seesAll },
    party: { id: draft.customerId, name: draft.customerName },
    document: draft,
    replaces: asked.replaces,
    answer: answer.waiting,
  }
  return gate(deps, submission, (writes) =>
    makeSale(deps, draft, (sale) => ({ writes: [...writes, ...answer.made(sale)], events: [] })),
  )
}

/** What a sale would come to; refused as the sale would be. */
export const previewSale = async (
  deps: Deps,
  asked: AskedSale,
  maker: Asker,
): Promise<{ sale: Sale; waits: boolean }> => {
  const draft = await draftSale(deps, asked, maker)
  return { sale: await rehearseSale(deps, draft), waits: draft.totalMinor > deps.approvalRules.thresholdMinor }
}

/** What happens to a sale that was approved. */
export const saleKind = (deps: Deps): ApprovalKind => ({
  name: 'sale',
  refusals: [
    ...['customer_not_found', 'customer_inactive', 'item_not_found', 'warehouse_not_found', 'insufficient_stock'],
    ...['credit_limit', 'due_before_sale'],
  ],
  effect: async ({ approval, settled }: Approved) => {
    const sale = await makeSale(deps, approval.document as SaleDraft, ({ _id }) => settled(_id))
    return sale._id
  },
  show: (document) => toDraftView(document as SaleDraft),
})

const draftSale = async (deps: Deps, asked: AskedSale, { userId }: Asker): Promise<SaleDraft> => {
  const { customerId, warehouseId, taxRateBps, dueOn, notes } = asked
  const reads = readsOn(deps.db)
  const customer = await getActiveParty(reads, 'customer', customerId)
  const names = await namesOfItems(reads, [...new Set(asked.lines.map(({ itemId }) => itemId))])
  const { lines, ...amounts } = priceSale(asked)
  return {
    ...amounts,
    lines: lines.map((line) => ({ ...line, itemName: names.get(line.itemId) ?? line.itemId })),
    ...{
      saleId: uuidv7(),
      customerId,
      customerName: customer.name,
      warehouseId,
      currency: deps.approvalRules.currency,
    },
    ...{ taxRateBps, dueOn, notes, createdBy: userId },
  }
}

type Settled = (sale: Sale) => { writes: CompanionWrite[]; events: Envelope[] }

/** Takes the goods from stock, draws the number and writes the bill in one commit, together with what `settled` gives. */
const makeSale = (deps: Deps, draft: SaleDraft, settled: Settled): Promise<Sale> =>
  untilUnchanged(async () => {
    const { day, saleOf, order, bound } = await prepare(deps, draft)
    const posted = await deps.stock.submit({
      ...order,
      series: { prefix: 'SO', day },
      companions: (made) => [saleInsertion(saleOf(made)), ...bound, ...settled(saleOf(made)).writes],
      events: (made) => [...eventsOfSale(saleOf(made)), ...settled(saleOf(made)).events],
    })
    return saleOf(posted)
  })

const rehearseSale = async (deps: Deps, draft: SaleDraft): Promise<Sale> => {
  const { saleOf, order } = await prepare(deps, draft)
  return saleOf(await deps.stock.preview(order))
}

const prepare = async (deps: Deps, draft: SaleDraft) => {
  const now = deps.now()
  const day = deps.approvalRules.dayOf(now)
  const customer = await getActiveParty(readsOn(deps.db), 'customer', draft.customerId)
  const dueOn = draft.dueOn ?? addDays(day, customer.paymentTermsDays)
  assertDueOn(dueOn, day)
  const bound = [...namedBy('customer', customer), ...(await keepToCredit(deps, draft))]
  const saleOf = ({ number = '', moves, postedAt }: Pick<Posted, 'number' | 'moves' | 'postedAt'>): Sale =>
    confirmSale(draft, { number, costsMinor: moves.map(({ valueMinor }) => -valueMinor), day, dueOn, now: postedAt })
  return { day, saleOf, order: orderOf(draft, now), bound }
}

const orderOf = ({ saleId, lines, warehouseId, createdBy }: SaleDraft, now: Date): StockOrder => ({
  cause: { kind: 'sale', id: saleId, step: 'sold' },
  actor: `user:${createdBy}`,
  effectiveAt: now,
  lines: lines.map(({ itemId, quantity }) => ({ kind: 'issue', type: 'issue', itemId, warehouseId, quantity })),
})

const keepToCredit = async ({ db }: Deps, draft: SaleDraft): Promise<CompanionWrite[]> => {
  const reads = readsOn(db)
  const terms = await findCreditTerms(reads, draft.customerId)
  if (!terms) return []
  assertCredit(draft, { limitMinor: terms.limitMinor, owedMinor: await owedBy(reads, draft.customerId) })
  return [drawnOn(terms)]
}
