/** Enough of a name or an address to know it again, and no more: `R*** T***`, `r***@example.com`. */
export const masked = <Value>(value: Value): Value | string => {
  if (typeof value !== 'string') return value
  const [name = '', domain] = value.split('@', 2)
  const hidden = name.replace(/(\S)\S+/g, '$1***')
  return domain === undefined ? hidden : `${hidden}@${domain}`
}

const PERSONAL = /^(?!item_name$)(.*_)?(name|party|username|email|phone|contact|address|street|bank_account|iban)$/

/** The same data, in which persons can be told apart and not recognised. */
export const withoutPersons = (value: unknown, name = ''): unknown => {
  if (typeof value === 'string') return PERSONAL.test(name) ? masked(value) : value
  if (Array.isArray(value)) return value.map((item) => withoutPersons(item, name))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutPersons(item, key)]))
}
