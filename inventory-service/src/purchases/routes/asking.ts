import { Day, orderingBy, pageQuery } from '@countinghouse/shared/http/fields'
import { z } from 'zod'
import type { Deps } from '../commands/deps.js'
import { PAYMENT_STATUSES } from '../../bills.js'
import { PURCHASE_STATUSES, type Purchase } from '../domain/purchase.js'
import { toPurchaseView } from '../view.js'

export type RouteDeps = Deps & { timeZone: string }

export const reader = ['staff', 'admin', 'viewer'] as const
export const writer = ['staff', 'admin'] as const
export const tag = 'Purchases'
export const params = z.object({ bill_number: z.string().min(1).max(40).meta({ example: 'PO-251223-0026' }) })

export const todayOf = ({ now, approvalRules }: Deps): string => approvalRules.dayOf(now())

export const viewOf =
  (deps: Deps) =>
  (purchase: Purchase): ReturnType<typeof toPurchaseView> =>
    toPurchaseView(purchase, todayOf(deps))

const flag = z.enum(['true', 'false']).transform((value) => value === 'true')

export const purchaseQuery = z.object({
  ...pageQuery,
  supplier_id: z.string().max(64).optional(),
  item_id: z.string().max(64).optional(),
  status: z.enum(PURCHASE_STATUSES).optional(),
  payment_status: z.enum(PAYMENT_STATUSES).optional(),
  unpaid: flag.optional(),
  overdue: flag.optional(),
  from: Day.optional().meta({ description: 'Made on this business day or later' }),
  to: Day.optional().meta({ description: 'Made on this business day or earlier' }),
  ordering: orderingBy({ created_at: 'createdAt', total_amount: 'totalMinor', due_date: 'dueOn' }, '-created_at'),
})
