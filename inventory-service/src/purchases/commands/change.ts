import { untilUnchanged } from '../../overtaken.js'
import type { Envelope } from '@countinghouse/shared/messaging/event'
import type { CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Asker } from '../../asking.js'
import type { Approval } from '../../approvals/domain.js'
import type { WaitsForApproval } from '../../approvals/gate.js'
import { getActiveParty, namedBy } from '../../parties/commands.js'
import type { StockLine } from '../../stock/domain/stock.js'
import {
  cancel,
  change,
  changesOrder,
  close,
  expectedBetween,
  placeOrder,
  remove,
  type PurchaseChanges,
} from '../domain/changing.js'
import type { Priced } from '../domain/pricing.js'
import type { Purchase, PurchaseTerms } from '../domain/purchase.js'
import * as events from '../events.js'
import { submitAbout } from './about.js'
import { withNames } from './lines.js'
import { getForStep, takeStep, voidingOf, type Also, type Answer, type Deps, type Step } from './deps.js'

export type AskedChanges = Partial<Omit<PurchaseTerms, 'supplierName' | 'lines'>> & {
  lines?: readonly (Priced & { itemId: string })[]
}

/** A change of a purchase that is there: what is approved, if it has to be. */
export type PurchaseEdit = { act: 'order' } | { act: 'change'; changes: PurchaseChanges }

export type Answers = { made: Answer<Purchase>; waiting: Answer<Approval> }

/** Changes what was agreed. What was ordered is approved anew where its amount asks for it; what waited is void. */
export const changePurchase = async (
  deps: Deps,
  step: Step,
  asked: AskedChanges,
  answer: Answers,
): Promise<Purchase | WaitsForApproval> => {
  const changes = await toChanges(deps, asked)
  return untilUnchanged(async () => {
    const before = await getForStep(deps, step)
    const edit = { act: 'change', changes } as const
    if (before.status !== 'ordered' || !changesOrder(changes))
      return editPurchase(deps, before, { edit, by: step.by, also: await voidingOf(deps, before) }, answer.made)
    return submitEdit(deps, before, { edit, by: step.by }, answer)
  })
}

/** Orders what is a draft. */
export const orderPurchase = (deps: Deps, step: Step, answer: Answers): Promise<Purchase | WaitsForApproval> =>
  untilUnchanged(async () =>
    submitEdit(deps, await getForStep(deps, step), { edit: { act: 'order' }, by: step.by }, answer),
  )

type Editing = { edit: PurchaseEdit; by: Asker }

const submitEdit = (deps: Deps, before: Purchase, { edit, by }: Editing, answer: Answers) => {
  const after = edited(before, edit, deps.now())
  const party = { id: after.supplierId, name: after.supplierName }
  const submission = { edit, by, party, amountMinor: amountToPass(deps, before, after), waiting: answer.waiting }
  return submitAbout(deps, before, submission, (writes) =>
    editPurchase(deps, before, { edit, by, also: { writes, events: [] } }, answer.made),
  )
}

// Of an order that passed already only what is added has to pass, unless all of it is too much.
const amountToPass = ({ approvalRules }: Deps, before: Purchase, after: Purchase): bigint => {
  const passed = before.status === 'ordered' && before.supplierId === after.supplierId ? before.totalMinor : 0n
  if (after.totalMinor > approvalRules.thresholdMinor || passed === 0n) return after.totalMinor
  return after.totalMinor > passed ? after.totalMinor - passed : 0n
}

const edited = (before: Purchase, edit: PurchaseEdit, now: Date): Purchase =>
  edit.act === 'order' ? placeOrder(before, now) : change(before, edit.changes, now)

/** Lets an edit take effect, with what is expected from the supplier. */
export const editPurchase = async (
  deps: Deps,
  before: Purchase,
  { edit, by, also }: Editing & { also: Also },
  answer: Answer<Purchase>,
): Promise<Purchase> => {
  const [name, toEvent] = edit.act === 'order' ? ['ordered', events.ordered] : ['changed', events.changed]
  const after = edited(before, edit, deps.now())
  const writes = [...also.writes, ...(await namingOf(deps, before, after))]
  return step(deps, before, { name, after, by, also: { ...also, writes }, toEvent }, answer)
}

const namingOf = async ({ db }: Deps, before: Purchase, { supplierId }: Purchase): Promise<CompanionWrite[]> =>
  before.supplierId === supplierId ? [] : namedBy('supplier', await getActiveParty(readsOn(db), 'supplier', supplierId))

type Ending = (before: Purchase, now: Date) => Purchase

const ending =
  (end: Ending, how: events.Ending) =>
  (deps: Deps, asked: Step, answer: Answer<Purchase>): Promise<Purchase> =>
    untilUnchanged(async () => {
      const before = await getForStep(deps, asked)
      const toEvent = (purchase: Purchase) => events.ended(purchase, how)
      const after = end(before, deps.now())
      const also = await voidingOf(deps, before)
      return step(deps, before, { name: how, after, by: asked.by, also, toEvent }, answer)
    })

export const cancelPurchase = ending(cancel, 'cancelled')
export const closePurchase = ending(close, 'closed')
export const deletePurchase = ending(remove, 'deleted')

type Plain = { name: string; after: Purchase; by: Asker; also: Also; toEvent: (purchase: Purchase) => Envelope }

const step = (deps: Deps, before: Purchase, { name, after, by, also, toEvent }: Plain, answer: Answer<Purchase>) => {
  const lines = expectedBetween(before, after).map((spot): StockLine => ({ kind: 'expect', ...spot }))
  const outcome = () => ({ purchase: after, events: () => [toEvent(after)] })
  return takeStep(deps, before, { step: `${name}:${after.version.toString()}`, by, lines, outcome, also }, answer)
}

const toChanges = async ({ db }: Deps, { lines, supplierId, ...terms }: AskedChanges): Promise<PurchaseChanges> => {
  const supplier = supplierId === undefined ? undefined : await getActiveParty(readsOn(db), 'supplier', supplierId)
  return {
    ...terms,
    ...(supplier && { supplierId: supplier._id, supplierName: supplier.name }),
    ...(lines && { lines: await withNames(readsOn(db), lines) }),
  }
}
