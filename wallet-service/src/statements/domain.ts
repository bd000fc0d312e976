import type { Entry, Posting, Side } from '../ledger/domain.js'

/** One movement on one wallet: a posting, with the entry it belongs to. */
export type Movement = {
  entry: Entry & { height: number; index: number }
  /** Which posting of the entry it is: an entry may touch a wallet more than once. */
  number: number
  posting: Posting
}

/** A wallet is what the house owes its owner: a credit is money in, a debit money out. */
const isIn = ({ side }: { side: Side }): boolean => side === 'credit'

export type StatementTotals = { inMinor: bigint; outMinor: bigint }

export const totalsOf = (movements: readonly Movement[]): StatementTotals => {
  const sum = (wanted: boolean) =>
    movements.reduce((total, { posting }) => (isIn(posting) === wanted ? total + posting.amountMinor : total), 0n)
  return { inMinor: sum(true), outMinor: sum(false) }
}

/** One line of RFC 4180. A text that a spreadsheet would run as a formula is kept from it by an apostrophe. */
export const csvLine = (fields: readonly (string | Text)[]): string =>
  `${fields.map((field) => csvField(typeof field === 'string' ? field : harmless(field.text))).join()}\r\n`

/** A field that somebody wrote, as against one that we print ourselves. */
export type Text = { text: string }

const harmless = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text)
const csvField = (field: string): string => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)
