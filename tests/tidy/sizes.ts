import { placeOf } from './place.js'
import type { Rule } from './rule.js'
import type { Files, Source } from './source.js'

type Measured = {
  what: string
  /** A ratchet: lower a limit when the code allows it; raise one only with a reason. */
  limits: Record<keyof typeof shares, number>
  sized: (source: Source) => { name: string; lines: number }[]
  /** Code that has this many lines. */
  example: (lines: number) => string
  allows?: Files[]
}

const shares = { median: 0.5, '95th percentile': 0.95, maximum: 1 }
const app = 'loan-service/src/app.ts'

const measured: Measured[] = [
  {
    what: 'file',
    limits: { median: 60, '95th percentile': 200, maximum: 250 },
    sized: ({ path, text }) => [{ name: path, lines: text.trimEnd().split('\n').length }],
    example: (lines) => 'let x\n'.repeat(lines),
  },
  {
    what: 'function',
    limits: { median: 10, '95th percentile': 40, maximum: 60 },
    sized: ({ path, functions }) =>
      functions.map(({ name, line, lines }) => ({ name: `${path}:${line} ${name}`, lines })),
    example: (lines) => `const decide = () => {\n${'  step()\n'.repeat(lines - 2)}}\n`,
    allows: [{ [app]: `const endpoints = () => [\n${'  endpoint(),\n'.repeat(200)}]` }],
  },
]

const toRule = ({ what, limits, sized, example, allows = [] }: Measured, measure: keyof typeof shares): Rule => {
  const limit = limits[measure]
  return {
    name: `${what} lines: the ${measure} is at most ${limit}`,
    violations: (sources) => {
      const ranked = sources
        .filter(isMeasured)
        .flatMap(sized)
        .sort((one, other) => other.lines - one.lines)
      const tooLong = ranked.filter(({ lines }) => lines > limit)
      if (tooLong.length <= ranked.length * (1 - shares[measure])) return []
      return tooLong.slice(0, 10).map(({ name, lines }) => `${name} has ${lines} lines: split it by what it does`)
    },
    breaks: [{ [app]: example(limit + 1) }],
    allows: [{ [app]: example(limit) }, { 'loan-service/src/app.test.ts': example(limit + 1) }, ...allows],
  }
}

const isMeasured = ({ path }: Source): boolean =>
  path.includes('/src/') && path.endsWith('.ts') && !placeOf(path).isTest

export const sizes: Rule[] = measured.flatMap((one) =>
  (Object.keys(shares) as (keyof typeof shares)[]).map((measure) => toRule(one, measure)),
)
