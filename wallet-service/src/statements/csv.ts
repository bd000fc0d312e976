import { csvLine } from '@countinghouse/shared/documents/csv'
import { formatAmount } from '@countinghouse/shared/money'
import { referenceOf } from '../ledger/domain.js'
import type { Movement } from './domain.js'
import type { Statement } from './reading.js'

const HEADER = 'time,id,kind,direction,amount,currency,balance,reference_kind,reference_id,description,actor'

/** A statement as CSV, one line after another: the opening balance, every movement, the closing balance. */
export async function* statementCsv(
  { wallet: { currency }, opening, closing, movements }: Statement,
  { from, before }: { from: Date; before: Date },
): AsyncGenerator<string> {
  const balanceLine = (time: Date, kind: string, balanceMinor: bigint) =>
    csvLine([time.toISOString(), '', kind, '', '', currency, formatAmount(balanceMinor, currency), '', '', '', ''])
  yield `${HEADER}\r\n`
  yield balanceLine(from, 'opening_balance', opening.balanceMinor)
  for await (const movement of movements()) yield movementLine(movement)
  yield balanceLine(before, 'closing_balance', closing.balanceMinor)
}

const movementLine = ({ entry, posting }: Movement): string => {
  const { currency } = posting
  const reference = referenceOf(entry)
  return csvLine([
    entry.postedAt.toISOString(),
    entry._id,
    entry.kind,
    posting.side,
    formatAmount(posting.amountMinor, currency),
    currency,
    formatAmount(posting.balanceAfterMinor, currency),
    { text: reference.kind },
    { text: reference.id },
    { text: entry.description ?? '' },
    { text: entry.actor },
  ])
}
