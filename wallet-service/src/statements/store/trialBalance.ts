import type { Reads } from '@countinghouse/shared/mongo/transaction'
import { findCheckpoint } from '../../ledger/checkpoints.js'
import { ACCOUNT_TYPES, normalSideOf } from '../../ledger/domain.js'
import { WALLETS, type LedgerLine } from '../../ledger/lines.js'
import { accounts, entries } from '../../ledger/store.js'
import { heightsAround } from './moments.js'

const growsByDebit = ACCOUNT_TYPES.filter((type) => normalSideOf(type) === 'debit')

/** What every line stands at now, from the accounts. */
export const linesNow = (reads: Reads): Promise<LedgerLine[]> =>
  reads.aggregate(accounts, [
    {
      $group: {
        _id: { account: { $cond: [{ $eq: ['$kind', 'wallet'] }, WALLETS, '$_id'] }, currency: '$currency' },
        debitMinor: {
          $sum: {
            $cond: [{ $in: ['$type', growsByDebit] }, '$postedMinor', { $multiply: ['$postedMinor', { $toLong: -1 }] }],
          },
        },
      },
    },
    { $project: { _id: 0, account: '$_id.account', currency: '$_id.currency', debitMinor: 1 } },
  ])

/** What every line stood at when everything before a moment was posted: the last checkpoint and the journal after it. */
export const linesBefore = async (reads: Reads, moment: Date): Promise<LedgerLine[]> => {
  const { surely, atMost } = await heightsAround(reads, moment)
  const checkpoint = await findCheckpoint(reads, surely)
  const since = await reads.aggregate<LedgerLine>(entries, [
    { $match: { height: { $gt: checkpoint?.height ?? 0, $lte: atMost }, postedAt: { $lt: moment } } },
    { $unwind: '$postings' },
    {
      $group: {
        _id: { account: lineOfPosting, currency: '$postings.currency' },
        debitMinor: {
          $sum: { $multiply: ['$postings.amountMinor', { $cond: [{ $eq: ['$postings.side', 'debit'] }, 1, -1] }] },
        },
      },
    },
    {
      $project: { _id: 0, account: '$_id.account', currency: '$_id.currency', debitMinor: { $toLong: '$debitMinor' } },
    },
  ])
  return merge([...(checkpoint?.lines ?? []), ...since])
}

const lineOfPosting = {
  $cond: [{ $eq: [{ $indexOfBytes: ['$postings.accountId', 'house:'] }, 0] }, '$postings.accountId', WALLETS],
}

const merge = (lines: readonly LedgerLine[]): LedgerLine[] => {
  const merged = new Map<string, LedgerLine>()
  for (const line of lines) {
    const key = `${line.account} ${line.currency}`
    merged.set(key, { ...line, debitMinor: line.debitMinor + (merged.get(key)?.debitMinor ?? 0n) })
  }
  return [...merged.values()]
}
