import type { Reads } from '@countinghouse/shared/mongo/transaction'
import { ACCOUNT_TYPES, normalSideOf } from '../ledger/domain.js'
import { accounts } from '../ledger/store.js'

type CurrencyTotals = { currency: string; debitsMinor: bigint; creditsMinor: bigint }

/** Per currency, the balances of all accounts on their normal sides. */
export const trialBalance = (reads: Reads): Promise<CurrencyTotals[]> => {
  const growsByDebit = { $in: ['$type', ACCOUNT_TYPES.filter((type) => normalSideOf(type) === 'debit')] }
  return reads.aggregate(accounts, [
    {
      $group: {
        _id: '$currency',
        debitsMinor: { $sum: { $cond: [growsByDebit, '$postedMinor', { $toLong: 0 }] } },
        creditsMinor: { $sum: { $cond: [growsByDebit, { $toLong: 0 }, '$postedMinor'] } },
      },
    },
    { $project: { _id: 0, currency: '$_id', debitsMinor: 1, creditsMinor: 1 } },
    { $sort: { currency: 1 } },
  ])
}
