import type { UserCaller } from '@countinghouse/shared/http/caller'
import { z } from 'zod'
import type { Asker, Deps } from '../commands/deps.js'
import { toSaleView } from '../view.js'
import type { Sale } from '../domain/sale.js'
import { BillNumber } from './bodies.js'

export type RouteDeps = Deps & { timeZone: string }

export const reader = ['staff', 'admin', 'viewer'] as const
export const writer = ['staff', 'admin'] as const
export const params = z.object({ bill_number: BillNumber })
export const tag = 'Sales'

/** Staff have their own sales; admins and viewers see all. */
export const askerOf = ({ userId, role }: UserCaller): Asker => ({ userId, seesAll: role !== 'staff' })

export const todayOf = ({ now, approvalRules }: Deps): string => approvalRules.dayOf(now())

export const viewOf =
  (deps: Deps) =>
  (sale: Sale): ReturnType<typeof toSaleView> =>
    toSaleView(sale, todayOf(deps))

export const dryRunQuery = {
  dry_run: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .meta({ description: 'Answers what would happen, and does nothing' }),
}
