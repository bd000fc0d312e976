import { isDeepStrictEqual } from 'node:util'

/** A part of an OpenAPI document: kind (`schemas`, `responses` …) → name → definition. */
export type Components = Record<string, Record<string, unknown>>

/** Takes the components of one service after another; answers how each service's references must be written from then on. */
export const createComponentPool = () => {
  const components: Components = {}
  const meanings = new Map<string, Components>()

  const nameFor = (kind: string, name: string, prefix: string, meaning: Components): string => {
    const taken = meanings.get(`${kind}/${name}`)
    return taken === undefined || isDeepStrictEqual(taken, meaning)
      ? name
      : nameFor(kind, prefix + name, prefix, meaning)
  }

  const add = (prefix: string, added: Components): (<Part>(part: Part) => Part) => {
    const entries = Object.entries(added).flatMap(([kind, definitions]) =>
      Object.entries(definitions).map(([name, definition]) => ({ kind, name, definition })),
    )
    const renamed = new Map<string, string>()
    for (const { kind, name } of entries) {
      const meaning = meaningOf(added, kind, name)
      const chosen = nameFor(kind, name, prefix, meaning)
      meanings.set(`${kind}/${chosen}`, meaning)
      renamed.set(`${kind}/${name}`, `${kind}/${chosen}`)
    }
    const rewrite = <Part>(part: Part): Part => mapReferences(part, (target) => renamed.get(target) ?? target)
    for (const { kind, name, definition } of entries) {
      const chosen = renamed.get(`${kind}/${name}`)?.slice(kind.length + 1) ?? name
      components[kind] = { ...components[kind], [chosen]: rewrite(definition) }
    }
    return rewrite
  }
  return { components, add }
}

// A name means its definition and all it refers to: two that read alike may refer to different things.
const meaningOf = (components: Components, kind: string, name: string): Components => {
  const meaning: Components = {}
  const visit = (target: string): void => {
    const [kind = '', name = ''] = target.split('/')
    if (meaning[kind] && name in meaning[kind]) return
    const definition = components[kind]?.[name]
    meaning[kind] = { ...meaning[kind], [name]: definition }
    mapReferences(definition, (next) => {
      visit(next)
      return next
    })
  }
  visit(`${kind}/${name}`)
  return meaning
}

const REFERENCE = '#/components/'

/** Rewrites every `$ref` into the components; a target is `kind/name`. */
const mapReferences = <Part>(part: Part, toTarget: (target: string) => string): Part => {
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) =>
        key === '$ref' && typeof inner === 'string' && inner.startsWith(REFERENCE)
          ? [key, REFERENCE + toTarget(inner.slice(REFERENCE.length))]
          : [key, walk(inner)],
      ),
    )
  }
  return walk(part) as Part
}
