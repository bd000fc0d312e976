/** JSON with sorted keys: equal for equal payloads, however they were written. */
export const canonicalJson = (value: unknown): string => {
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'bigint') return `${value.toString()}n`
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  if (value instanceof Date) return value.toISOString()
  return Array.isArray(value) ? listed(value) : fielded(value as Record<string, unknown>)
}

const listed = (values: readonly unknown[]): string => {
  let json = ''
  for (const value of values) json += `${json === '' ? '' : ','}${canonicalJson(value)}`
  return `[${json}]`
}

const fielded = (fields: Record<string, unknown>): string => {
  let json = ''
  for (const name of Object.keys(fields).sort())
    if (fields[name] !== undefined) json += `${json === '' ? '' : ','}${quoted(name)}:${canonicalJson(fields[name])}`
  return `{${json}}`
}

// Most texts are ids and names, and cost less to look at than to hand over to the serializer.
const quoted = (text: string): string => (/^[ !#-[\]-~]*$/.test(text) ? `"${text}"` : JSON.stringify(text))
