import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** A strong tag of an answer: the version in it, which `If-Match` takes, and all that it says. */
export const tagOf = (json: string, { version, total }: { version: number | undefined; total: unknown }): string => {
  const hash = createHash('sha256')
    .update(JSON.stringify([total ?? null]))
    .update(json)
  const content = hash.digest('base64url').slice(0, 22)
  return version === undefined ? `"${content}"` : `"${version.toString()}-${content}"`
}

/** True when the caller says that it has the answer of this tag. */
export const hasAlready = ({ 'if-none-match': tags }: IncomingHttpHeaders, tag: string): boolean =>
  tags?.split(',').some((one) => one.trim().replace(/^W\//, '') === tag) ?? false
