import { z } from 'zod'
import type { Deps } from '../commands/deps.js'
import { toSaleView } from '../view.js'
import type { Sale } from '../domain/sale.js'
import { BillNumber } from './bodies.js'

export type RouteDeps = Deps & { timeZone: string }

export const reader = ['staff', 'admin', 'viewer'] as const
export const writer = ['staff', 'admin'] as const
export const params = z.object({ bill_number: BillNumber })
export const tag = 'Sales'

export const todayOf = ({ now, approvalRules }: Deps): string => approvalRules.dayOf(now())

export const viewOf =
  (deps: Deps) =>
  (sale: Sale): ReturnType<typeof toSaleView> =>
    toSaleView(sale, todayOf(deps))
