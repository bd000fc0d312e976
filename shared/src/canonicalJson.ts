/** JSON with sorted keys: equal for equal payloads, however they were written. */
export const canonicalJson = (value: unknown): string => {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'bigint') return `${value.toString()}n`
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  const fields = value as Record<string, unknown>
  let json = ''
  for (const name of Object.keys(fields).sort())
    if (fields[name] !== undefined)
      json += `${json === '' ? '' : ','}${JSON.stringify(name)}:${canonicalJson(fields[name])}`
  return `{${json}}`
}
