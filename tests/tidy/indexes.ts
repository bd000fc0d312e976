import type { Rule } from './rule.js'
import type { Source } from './source.js'

const HOME = /^[\w-]+\/src\/[\w-]+\//
const homeOf = ({ path }: Source): string => HOME.exec(path)?.[0] ?? path

const escaped = (text: string): string => text.replaceAll('.', String.raw`\.`)

/** Where a field is asked for by its value alone: compared, or first in a filter of its collection. */
const bareQuestion = (field: string, collection: string): RegExp => {
  const name = `['"]?${escaped(field)}['"]?`
  const compared = String.raw`${name}: \{ \$(lte?|gte?|in|eq)\b(?![^}]*\$type)`
  const first = String.raw`\b(find|findOne|count|remove|update)\(${collection}, \{ ${name}( \}|,|: (?!is[A-Z])[\w'"\x60])`
  return new RegExp(`${compared}|${first}`)
}

const INDEX = /\bwhere\('([\w.]+)', '(?:string|date)'\)/g

type Indexed = { field: string; collection: string }
const indexedIn = ({ text }: Source): Indexed[] =>
  [...text.matchAll(INDEX)].map(({ 1: field = '', index }) => ({
    field,
    collection: [...text.slice(0, index).matchAll(/const (\w+) = defineCollection/g)].at(-1)?.[1] ?? 'none',
  }))

const partialIndexes: Rule = {
  name: 'a field with an index over those that have it is asked for in the words of that index',
  violations: (sources) => {
    const house = sources.filter(({ path }) => path.includes('/src/') && !/\.test\.|\/testing\//.test(path))
    const byHand = house
      .filter(({ path, text }) => !path.endsWith('/mongo/partial.ts') && /partialFilterExpression:.*\$type/.test(text))
      .map(({ path }) => `${path} has a partial index of its own: use where() of mongo/partial`)
    const bare = house.flatMap((store) =>
      indexedIn(store).flatMap(({ field, collection }) =>
        house
          .filter((other) => homeOf(other) === homeOf(store) && bareQuestion(field, collection).test(other.text))
          .map(
            ({ path }) => `${path} asks for ${field} by its value alone, which scans ${collection}: use mongo/partial`,
          ),
      ),
    )
    return [...byHand, ...bare]
  },
  breaks: [
    { 'a-service/src/bills/store.ts': "{ options: { partialFilterExpression: { dueAt: { $type: 'date' } } } }" },
    { 'a-service/src/bills/store.ts': "where('dueAt', 'date')\nreads.find(bills, { dueAt: { $lte: now } })" },
    {
      'a-service/src/bills/store.ts':
        "const bills = defineCollection(where('key', 'string'))\nreads.findOne(bills, { key })",
    },
    {
      'a-service/src/bills/store.ts':
        "const bills = defineCollection(where('claim.id', 'string'))\nreads.findOne(bills, { 'claim.id': claimId })",
    },
    {
      'a-service/src/bills/store/rows.ts': "where('dueAt', 'date')",
      'a-service/src/bills/sender.ts': 'native(db, bills).findOneAndUpdate({ dueAt: { $lte: now() } }, claim)',
    },
  ],
  allows: [
    {
      'a-service/src/bills/store.ts':
        "const bills = defineCollection(where('dueAt', 'date'), where('key', 'string'))\nreads.find(bills, { dueAt: isDueBy(now) })\nnative(db, bills).find({ dueAt: { $type: 'date' } })",
      'a-service/src/letters/store.ts': 'reads.find(letters, { dueAt: { $lte: now } })',
      'a-service/src/bills/lines.ts': 'reads.find(lines, { key })',
    },
  ],
}

export const indexes: Rule[] = [partialIndexes]
