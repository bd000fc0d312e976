import type { Report } from '../reports/definition.js'
import { duplicates, reconciliation } from './reports/checks.js'
import { customers, suppliers } from './reports/parties.js'
import { receivables } from './reports/receivables.js'
import { analytics, salesSummary } from './reports/sales.js'
import { efficiency, stock } from './reports/stock.js'
import { vendor } from './reports/vendor.js'

export const tradeReports: readonly Report[] = [
  ...[customers, suppliers, salesSummary, analytics, receivables],
  ...[stock, efficiency, reconciliation, duplicates, vendor],
]
