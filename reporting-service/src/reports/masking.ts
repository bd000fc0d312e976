import type { Cell } from '@countinghouse/shared/documents/table'

/** Enough of a name or an address to know it again, and no more: `R*** T***`, `r***@example.com`. */
export const masked = (cell: Cell): Cell => {
  if (typeof cell !== 'string') return cell
  const [name = '', domain] = cell.split('@', 2)
  const hidden = name.replace(/(\S)\S+/g, '$1***')
  return domain === undefined ? hidden : `${hidden}@${domain}`
}
