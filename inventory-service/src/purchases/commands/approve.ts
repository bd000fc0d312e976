import { untilUnchanged } from '../../overtaken.js'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { ApprovalKind, Approved } from '../../approvals/commands.js'
import { editPurchase, type PurchaseEdit } from './change.js'
import { applyCost, type LateCost } from './cost.js'
import { makeOf, type PurchaseDraft } from './create.js'
import { toShown, type Shown } from '../shown.js'
import { KIND, getPurchase, type Deps } from './deps.js'

/** What waits: a purchase that is not made, or an edit of one that is. */
type Edit = PurchaseEdit | LateCost
type Waiting = PurchaseDraft | (Edit & { number: string })

/** What happens to a purchase, or to the edit of one, that was approved. */
export const purchaseKind = (deps: Deps): ApprovalKind => ({
  name: KIND,
  refusals: [
    ...['supplier_not_found', 'supplier_inactive', 'item_not_found', 'warehouse_not_found'],
    ...['purchase_not_found', 'purchase_state', 'purchase_has_payments', 'nothing_kept', 'bill_below_zero'],
  ],
  effect: async (approved) => {
    const waiting = approved.approval.document as Waiting
    if (waiting.act === 'make') return (await makeOf(deps, waiting, ({ _id }) => approved.settled(_id)))._id
    return takeEdit(deps, waiting, approved)
  },
  show: (document) => toShown(document as Shown, deps.approvalRules.currency),
})

const takeEdit = (deps: Deps, edit: Edit & { number: string }, { approval, settled }: Approved) =>
  untilUnchanged(async () => {
    const by = { userId: approval.makers.at(-1) ?? '', seesAll: true }
    const before = await getPurchase(readsOn(deps.db), edit.number, by)
    const also = settled(before._id)
    if (edit.act === 'cost') await applyCost(deps, before, { cost: edit, by, also }, () => [])
    else await editPurchase(deps, before, { edit, by, also }, () => [])
    return before._id
  })
