import { untilUnchanged } from '../../overtaken.js'
import { addDays } from '@countinghouse/shared/calendar'
import { forLatest } from '@countinghouse/shared/latest'
import type { Envelope } from '@countinghouse/shared/messaging/event'
import type { CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { readsTogether } from '@countinghouse/shared/mongo/together'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { ApprovalKind, Approved } from '../../approvals/commands.js'
import type { Approval } from '../../approvals/domain.js'
import { gate, type WaitsForApproval } from '../../approvals/gate.js'
import { namesOfItems } from '../../items/store.js'
import { getActiveParty, namedBy } from '../../parties/commands.js'
import type { Party } from '../../parties/domain.js'
import type { Posted, StockOrder } from '../../stock/domain/stock.js'
import { drawnOn, findCreditTerms, type CreditTerms } from '../credit.js'
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
  const { draft, standing } = await draftSale(deps, asked, maker)
  const isLarge = draft.totalMinor > deps.approvalRules.thresholdMinor
  // Nobody is asked to approve what could not be done.
  if (isLarge) await rehearseSale(deps, draft, standing)
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
    makeSale(deps, { draft, standing }, (sale) => ({ writes: [...writes, ...answer.made(sale)], events: [] })),
  )
}

/** What a sale would come to; refused as the sale would be. */
export const previewSale = async (
  deps: Deps,
  asked: AskedSale,
  maker: Asker,
): Promise<{ sale: Sale; waits: boolean }> => {
  const { draft, standing } = await draftSale(deps, asked, maker)
  return {
    sale: await rehearseSale(deps, draft, standing),
    waits: draft.totalMinor > deps.approvalRules.thresholdMinor,
  }
}

/** What happens to a sale that was approved. */
export const saleKind = (deps: Deps): ApprovalKind => ({
  name: 'sale',
  refusals: [
    ...['customer_not_found', 'customer_inactive', 'item_not_found', 'warehouse_not_found', 'insufficient_stock'],
    ...['credit_limit', 'due_before_sale'],
  ],
  effect: async ({ approval, settled }: Approved) => {
    const sale = await makeSale(deps, { draft: approval.document as SaleDraft }, ({ _id }) => settled(_id))
    return sale._id
  },
  show: (document) => toDraftView(document as SaleDraft),
})

/** The customer of a sale, and what binds sales to that one. */
type Standing = { customer: Party; terms: CreditTerms | undefined }

const standingOf = async ({ db }: Deps, customerId: string): Promise<Standing> => {
  const reads = readsTogether(db)
  const [customer, terms] = await Promise.all([
    getActiveParty(reads, 'customer', customerId),
    findCreditTerms(reads, customerId),
  ])
  return { customer, terms }
}

type Drafted = { draft: SaleDraft; standing?: Standing }

const draftSale = async (deps: Deps, asked: AskedSale, { userId }: Asker): Promise<Required<Drafted>> => {
  const { customerId, warehouseId, taxRateBps, dueOn, notes } = asked
  const [standing, names] = await Promise.all([
    standingOf(deps, customerId),
    namesOfItems(readsTogether(deps.db), [...new Set(asked.lines.map(({ itemId }) => itemId))]),
  ])
  const { lines, ...amounts } = priceSale(asked)
  const draft = {
    ...amounts,
    lines: lines.map((line) => ({ ...line, itemName: names.get(line.itemId) ?? line.itemId })),
    ...{ saleId: uuidv7(), customerId, customerName: standing.customer.name, warehouseId },
    ...{ currency: deps.approvalRules.currency, taxRateBps, dueOn, notes, createdBy: userId },
  }
  return { draft, standing }
}

type Settled = (sale: Sale) => { writes: CompanionWrite[]; events: Envelope[] }

/** Takes the goods from stock, draws the number and writes the bill in one commit, together with what `settled` gives. */
const makeSale = (deps: Deps, { draft, standing: first }: Drafted, settled: Settled): Promise<Sale> => {
  let known = first
  const settledBy = forLatest(settled)
  return untilUnchanged(async () => {
    const standing = known ?? (await standingOf(deps, draft.customerId))
    known = undefined
    const { day, saleOf, order, bound } = await prepare(deps, draft, standing)
    const posted = await deps.stock.submit({
      ...order,
      series: { prefix: 'SO', day },
      companions: (made) => [saleInsertion(saleOf(made)), ...bound, ...settledBy(saleOf(made)).writes],
      events: (made) => [...eventsOfSale(saleOf(made)), ...settledBy(saleOf(made)).events],
    })
    return saleOf(posted)
  })
}

const rehearseSale = async (deps: Deps, draft: SaleDraft, standing: Standing): Promise<Sale> => {
  const { saleOf, order } = await prepare(deps, draft, standing)
  return saleOf(await deps.stock.preview(order))
}

const prepare = async (deps: Deps, draft: SaleDraft, { customer, terms }: Standing) => {
  const now = deps.now()
  const day = deps.approvalRules.dayOf(now)
  const dueOn = draft.dueOn ?? addDays(day, customer.paymentTermsDays)
  assertDueOn(dueOn, day)
  const bound = [...namedBy('customer', customer), ...(await keepToCredit(deps, draft, terms))]
  const saleOf = forLatest(({ number = '', moves, postedAt }: Posted) =>
    confirmSale(draft, { number, costsMinor: moves.map(({ valueMinor }) => -valueMinor), day, dueOn, now: postedAt }),
  )
  return { day, saleOf, order: orderOf(draft, now), bound }
}

const orderOf = ({ saleId, lines, warehouseId, createdBy }: SaleDraft, now: Date): StockOrder => ({
  cause: { kind: 'sale', id: saleId, step: 'sold' },
  actor: `user:${createdBy}`,
  effectiveAt: now,
  lines: lines.map(({ itemId, quantity }) => ({ kind: 'issue', type: 'issue', itemId, warehouseId, quantity })),
})

const keepToCredit = async (
  { db }: Deps,
  draft: SaleDraft,
  terms: CreditTerms | undefined,
): Promise<CompanionWrite[]> => {
  if (!terms) return []
  assertCredit(draft, { limitMinor: terms.limitMinor, owedMinor: await owedBy(readsOn(db), draft.customerId) })
  return [drawnOn(terms)]
}
