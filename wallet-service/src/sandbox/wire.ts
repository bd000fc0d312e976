/** The parameters of a request, as forms nest them: `metadata[order]=1` is `{ metadata: { order: '1' } }`. */
export type Parameters = { [name: string]: string | Parameters }

export const parseForm = (text: string): Parameters => {
  const parameters: Parameters = {}
  for (const [name, value] of new URLSearchParams(text)) set(parameters, name.replaceAll(']', '').split('['), value)
  return parameters
}

const set = (into: Parameters, [name = '', ...rest]: string[], value: string): void => {
  if (name === '__proto__') return
  if (rest.length === 0) {
    into[name] = value
    return
  }
  const known = into[name]
  const inner = typeof known === 'object' ? known : {}
  into[name] = inner
  set(inner, rest, value)
}

/** What the wire says when something is refused. */
export class WireError extends Error {
  constructor(
    readonly status: number,
    readonly fields: { type: string; message: string; code?: string; param?: string; [more: string]: unknown },
  ) {
    super(fields.message)
  }
}

export const invalid = (message: string, more: { code?: string; param?: string } = {}): WireError =>
  new WireError(400, { type: 'invalid_request_error', message, ...more })

export const missingResource = (kind: string, id: string): WireError =>
  new WireError(404, {
    ...{ type: 'invalid_request_error', code: 'resource_missing', param: 'id' },
    message: `No such ${kind}: '${id}'`,
  })

export const textOf = (parameters: Parameters, name: string): string | undefined => {
  const value = parameters[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

export const required = (parameters: Parameters, name: string): string => {
  const value = textOf(parameters, name)
  if (value === undefined) throw invalid(`Missing required param: ${name}.`, { code: 'parameter_missing', param: name })
  return value
}

/** A whole number above zero, in the smallest unit of the currency. */
export const amountOf = (text: string, param: string): number => {
  if (!/^\d{1,12}$/.test(text)) throw invalid(`Invalid integer: ${text}`, { code: 'parameter_invalid_integer', param })
  const amount = Number(text)
  if (amount < 1) throw invalid('This value must be greater than or equal to 1.', { code: 'parameter_invalid_integer', param }) // prettier-ignore
  return amount
}

export const recordOf = (parameters: Parameters, name: string): Record<string, string> => {
  const value = parameters[name]
  if (typeof value !== 'object') return {}
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

/** A list as the wire has it. */
export const listOf = (url: string, rows: readonly object[], limit: number) => ({
  object: 'list',
  url,
  has_more: rows.length > limit,
  data: rows.slice(0, limit),
})
