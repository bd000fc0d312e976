import { addDays } from '@countinghouse/shared/calendar'
import type { CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { Asker } from '../../asking.js'
import type { Approval } from '../../approvals/domain.js'
import { gate, type WaitsForApproval } from '../../approvals/gate.js'
import { getActiveParty, namedBy } from '../../parties/commands.js'
import type { Posted, StockOrder } from '../../stock/domain/stock.js'
import { expectedBetween } from '../domain/changing.js'
import { orderTotalOf, type Priced } from '../domain/pricing.js'
import { makePurchase, outstandingOf, type Purchase, type PurchaseTerms } from '../domain/purchase.js'
import { drafted, ordered } from '../events.js'
import { purchaseInsertion } from '../store.js'
import { withNames } from './lines.js'
import { KIND, noteStep, type Also, type Answer, type Deps, type Taken } from './deps.js'
import { receiptLines, received } from './receive.js'

export type AskedTerms = Omit<PurchaseTerms, 'supplierName' | 'lines' | 'dueOn'> & {
  lines: readonly (Priced & { itemId: string })[]
  /** Null for the supplier's terms. */
  dueOn: string | null
}

/** A purchase that is not made yet: what is approved, if it has to be. */
export type PurchaseDraft = Omit<PurchaseTerms, 'dueOn'> & {
  act: 'make'
  purchaseId: string
  dueOn: string | null
  /** A draft is only a wish; what is ordered is expected; what is received has come with its bill. */
  as: 'draft' | 'ordered' | 'received'
  createdBy: string
}

export type Asked = AskedTerms & {
  as: PurchaseDraft['as']
  /** The approval of the purchase that this one takes the place of. */
  replaces: string | undefined
}

export type Answers = { made: Answer<Purchase>; waiting: Answer<Approval> }

/** Makes a purchase; one above the threshold, alone or with the day's others from its supplier, waits for approval. */
export const createPurchase = async (
  deps: Deps,
  asked: Asked,
  maker: Asker,
  answer: Answers,
): Promise<Purchase | WaitsForApproval> => {
  const { replaces, as, ...terms } = asked
  const draft = await draftPurchase(deps, terms, as, maker)
  const make = (writes: CompanionWrite[]) =>
    makeOf(deps, draft, (purchase) => ({ writes: [...answer.made(purchase), ...writes], events: [] }))
  if (as === 'draft') return make([])
  const amountMinor = orderTotalOf(draft)
  // Nobody is asked to approve what could not be done.
  if (amountMinor > deps.approvalRules.thresholdMinor) await rehearse(deps, draft)
  const submission = {
    ...{ kind: KIND, amountMinor, addsUp: true, document: draft, replaces, answer: answer.waiting },
    maker: { userId: maker.userId, isAdmin: maker.seesAll },
    party: { id: draft.supplierId, name: draft.supplierName },
  }
  return gate(deps, submission, make)
}

/** What a purchase would come to; refused as the purchase would be. */
export const previewPurchase = async (
  deps: Deps,
  { replaces: _, as, ...terms }: Asked,
  maker: Asker,
): Promise<Purchase> => rehearse(deps, await draftPurchase(deps, terms, as, maker))

const draftPurchase = async (
  { db }: Deps,
  { lines, ...terms }: AskedTerms,
  as: PurchaseDraft['as'],
  { userId }: Asker,
): Promise<PurchaseDraft> => {
  const supplier = await getActiveParty(readsOn(db), 'supplier', terms.supplierId)
  const named = await withNames(readsOn(db), lines)
  orderTotalOf({ ...terms, lines: named })
  return {
    ...{ act: 'make', purchaseId: uuidv7(), as, createdBy: userId },
    ...{ ...terms, supplierName: supplier.name, lines: named },
  }
}

type Settled = (purchase: Purchase) => Also

/** Draws the number and writes the bill in one commit with what it does to the stock and with what `settled` gives. */
export const makeOf = async (deps: Deps, draft: PurchaseDraft, settled: Settled): Promise<Purchase> => {
  const { order, day, naming, taken } = await prepare(deps, draft)
  const posted = await deps.stock.submit({
    ...order,
    series: { prefix: 'PO', day },
    companions: (made) => {
      const { purchase } = taken(made)
      return [...settled(purchase).writes, purchaseInsertion(purchase), ...naming]
    },
    events: (made) => [...taken(made).events(), ...settled(taken(made).purchase).events],
  })
  noteStep(draft.as)
  return taken(posted).purchase
}

const rehearse = async (deps: Deps, draft: PurchaseDraft): Promise<Purchase> => {
  const { order, taken } = await prepare(deps, draft)
  return taken(await deps.stock.preview(order)).purchase
}

const prepare = async ({ db, now, approvalRules }: Deps, draft: PurchaseDraft) => {
  const { act: _, as, createdBy: by, purchaseId, ...terms } = draft
  const supplier = await getActiveParty(readsOn(db), 'supplier', draft.supplierId)
  const at = now()
  const day = approvalRules.dayOf(at)
  const dueOn = draft.dueOn ?? addDays(day, supplier.paymentTermsDays)
  const madeOf = ({ number = '', postedAt }: Pick<Posted, 'number' | 'postedAt'>): Purchase => {
    const making = { purchaseId, number, currency: approvalRules.currency, day, by, now: postedAt }
    return makePurchase({ ...terms, dueOn }, making, as === 'draft' ? 'draft' : 'ordered')
  }
  const planned = madeOf({ number: '', postedAt: at })
  const taken = (posted: Posted): Taken => {
    const purchase = madeOf(posted)
    if (as === 'draft') return { purchase, events: () => [drafted(purchase)] }
    if (as === 'ordered') return { purchase, events: () => [ordered(purchase)] }
    const came = received(purchase, { parts: outstandingOf(purchase), by, posted })
    return { purchase: came.purchase, events: () => [ordered(purchase), ...came.events()] }
  }
  const lines =
    as === 'received'
      ? receiptLines(planned, outstandingOf(planned))
      : expectedBetween(undefined, planned).map((spot) => ({ kind: 'expect' as const, ...spot }))
  const order: StockOrder = {
    cause: { kind: KIND, id: purchaseId, step: as },
    ...{ actor: `user:${by}`, effectiveAt: at, lines },
  }
  return { order, day, taken, naming: namedBy('supplier', supplier) }
}
