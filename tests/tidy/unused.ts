import { isRuleBook, placeOf } from './place.js'
import type { Rule } from './rule.js'
import type { Source } from './source.js'

const isSource = ({ path }: Source): boolean => path.includes('/src/') && path.endsWith('.ts') && !placeOf(path).isTest

// A process begins at a main.ts; the commands of `scripts` begin where bootstrap.mjs or a package.json names them.
const isStarted = ({ path }: Source, sources: readonly Source[]): boolean => {
  const { home, feature, role } = placeOf(path)
  if (role === 'main') return true
  const named = new RegExp(`\\b${role}\\b`)
  return (
    home === 'scripts' &&
    feature === undefined &&
    sources.some((source) => /\.mjs$|package\.json$/.test(source.path) && named.test(source.text))
  )
}

const files: Rule = {
  name: 'every file is used',
  violations: (sources) => {
    const imported = new Set(sources.flatMap(({ imports }) => imports.map(({ target }) => target)))
    return sources
      .filter((source) => isSource(source) && !imported.has(source.path) && !isStarted(source, sources))
      .map(({ path }) => `${path} is imported by nothing: use it or remove it`)
  },
  breaks: [
    { 'shared/src/zebra.ts': 'const stripes = 1' },
    { 'scripts/src/paint.ts': 'paint()', 'package.json': '{}' },
    { 'scripts/src/servers/start.ts': '', 'package.json': '{"scripts":{"start":""}}' },
  ],
  allows: [
    { 'loan-service/src/main.ts': "import './app.js'", 'loan-service/src/app.ts': '' },
    { 'scripts/src/demo.ts': 'demo()', 'package.json': '{ "scripts": { "demo": "node scripts/bootstrap.mjs demo" } }' },
    { 'shared/src/uuid.ts': '', 'loan-service/src/main.ts': "import '@countinghouse/shared/uuid'" },
  ],
}

const exported: Rule = {
  name: 'every export is used',
  violations: (sources) => {
    const readers = readersByWord(sources)
    return sources.filter(isSource).flatMap((source) =>
      source.exports
        .filter(({ name }) => [...(readers.get(name) ?? [])].every((reader) => reader === source.path))
        .filter(({ name, isType }) => !isType || mentions(name, source) === 1)
        .map(({ name }) => `${source.path} exports ${name}, which nothing else mentions: drop the export, or the code`),
    )
  },
  breaks: [
    { 'shared/src/uuid.ts': 'export const uuidv4 = 1' },
    { 'shared/src/uuid.ts': 'const a = 1\nexport { a as uuidv4 }', 'shared/src/log.ts': 'const a = 2' },
    { 'shared/src/uuid.ts': 'export type Uuid = string', 'shared/src/log.ts': '// a Uuid' },
  ],
  allows: [
    { 'shared/src/uuid.ts': 'export const uuidv4 = 1', 'shared/src/uuid.test.ts': 'expect(uuidv4)' },
    // A type that stands in the signature of an export is exported with it, so that callers can name it.
    { 'shared/src/uuid.ts': 'export type Uuid = string\nexport const of = (): Uuid => 1', 'shared/src/log.ts': 'of()' },
    { 'shared/src/uuid.ts': 'export const { uuidv4, uuidv7: [first] } = all', 'shared/src/log.ts': 'uuidv4(first)' },
  ],
}

const mentions = (name: string, { code }: Source): number => code.split(new RegExp(`\\b${name}\\b`)).length - 1

const readersByWord = (sources: readonly Source[]): Map<string, Set<string>> => {
  const readers = new Map<string, Set<string>>()
  for (const { path, code } of sources.filter((source) => !isRuleBook(source.path))) {
    for (const word of new Set(code.match(/[\w$]+/g))) {
      readers.set(word, (readers.get(word) ?? new Set()).add(path))
    }
  }
  return readers
}

const checks: Rule = {
  name: 'every test file expects something',
  violations: (sources) =>
    sources
      .filter(({ path, code }) => path.endsWith('.test.ts') && !/\bexpect\w*[(.]|\bfc\.assert\(/.test(code))
      .map(({ path }) => `${path} expects nothing`),
  breaks: [{ 'shared/src/uuid.test.ts': "test('it runs', () => uuidv7())\n// expect(1)" }],
  allows: [
    { 'shared/src/uuid.test.ts': "test('it is one', () => expect(one()).toBe(1))" },
    { 'shared/src/uuid.test.ts': "test('it is balanced', () => expectBalanced(one()))" },
    { 'shared/src/uuid.test.ts': 'fc.assert(law)' },
  ],
}

export const unused: Rule[] = [files, exported, checks]
