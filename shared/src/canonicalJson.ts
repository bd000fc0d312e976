/** JSON with sorted keys: equal for equal payloads, however they were written. */
export const canonicalJson = (value: unknown): string => {
  if (typeof value === 'bigint') return `${value.toString()}n`
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  return `{${fields
    .sort(byName)
    .map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`)
    .join()}}`
}

const byName = ([one]: [string, unknown], [other]: [string, unknown]): number => (one < other ? -1 : 1)
