import type { Endpoint } from './endpoint.js'

type Found = { readonly spec: Endpoint; readonly params: Record<string, string> }

/** Which endpoint serves a path; one without parameters is found at once, however many there are. */
export interface Router {
  find(method: string, path: string): Found | undefined
  /** What can be asked at this path. */
  methodsAt(path: string): string[]
}

export const createRouter = (endpoints: readonly Endpoint[]): Router => {
  const [plain, patterned] = [new Map<string, Endpoint>(), new Map<string, { spec: Endpoint; pattern: RegExp }[]>()]
  const methods = [...new Set(endpoints.map(({ method }) => method.toUpperCase()))]
  for (const spec of endpoints) {
    const method = spec.method.toUpperCase()
    if (spec.path.includes(':')) addTo(patterned, shapeOf(method, spec.path), { spec, pattern: patternOf(spec.path) })
    else plain.set(nameOf(method, spec.path), spec)
  }
  const find = (asked: string, path: string): Found | undefined => {
    const method = asked === 'HEAD' ? 'GET' : asked
    const spec = plain.get(nameOf(method, path))
    if (spec) return { spec, params: {} }
    for (const route of patterned.get(shapeOf(method, path)) ?? []) {
      const params = paramsIn(route.pattern, path)
      if (params) return { spec: route.spec, params }
    }
    return undefined
  }
  return { find, methodsAt: (path) => methods.filter((method) => find(method, path)) }
}

const nameOf = (method: string, path: string): string => `${method} ${path.toLowerCase()}`

// All that a path and the pattern of its route have in common however its parameters read.
const shapeOf = (method: string, path: string): string => {
  const parts = path.toLowerCase().split('/')
  return `${method} ${parts[1] ?? ''} ${parts.length.toString()}`
}

const addTo = <Value>(lists: Map<string, Value[]>, key: string, value: Value): void => {
  lists.set(key, [...(lists.get(key) ?? []), value])
}

const patternOf = (path: string): RegExp =>
  new RegExp(`^${path.replaceAll(/[.+]/g, '\\$&').replaceAll(/:(\w+)/g, '(?<$1>[^/]+)')}$`, 'i')

const paramsIn = (pattern: RegExp, path: string): Record<string, string> | undefined => {
  const groups = pattern.exec(path)?.groups
  if (!groups) return undefined
  try {
    return Object.fromEntries(Object.entries(groups).map(([name, text]) => [name, decodeURIComponent(text)]))
  } catch {
    return undefined
  }
}
