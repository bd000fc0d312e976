/** The base that documents and links name; `/api` and none at all mean the same. */
export const API_BASE = '/api/v1'

/** The path below the API's base: `/api/v1/loans/` and `/api/loans` are both `/loans`. The query stays. */
export const canonicalUrl = (url: string): string => {
  const [path = '/', query] = splitOnce(url, '?')
  const bare = path.replace(/^\/api(\/v1)?(?=\/|$)/, '').replace(/\/+$/, '')
  return (bare === '' ? '/' : bare) + (query === undefined ? '' : `?${query}`)
}

const splitOnce = (text: string, separator: string): [string, string?] => {
  const at = text.indexOf(separator)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}
