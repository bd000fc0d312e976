import { isPure, isRuleBook, isShipped, placeOf } from './place.js'
import type { Rule } from './rule.js'
import type { Source } from './source.js'

type Ban = {
  what: string
  pattern: RegExp
  instead: string
  where: (path: string) => boolean
  /** Comments count too; otherwise they are blanked before the search. */
  inComments?: true
  breaks: [path: string, line: string][]
  allows?: [path: string, line: string][]
}

const everywhere = (): boolean => true
const inTests = (path: string): boolean => path.endsWith('.test.ts')
const inMoney = (path: string): boolean => isPure(path) || /^shared\/src\/(money|fraction)\.ts$/.test(path)
const outsideConfig = (path: string): boolean => isShipped(path) && placeOf(path).role !== 'config'

const domain = 'loan-service/src/loans/domain.ts'
const commands = 'loan-service/src/loans/commands.ts'
const test = 'loan-service/src/loans/domain.test.ts'
const kit = 'shared/src/messaging/consumer.ts'

const bans: Ban[] = [
  {
    what: 'the clock in a domain',
    pattern: /\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b/,
    instead: 'take the time as an argument',
    where: isPure,
    breaks: [
      [domain, 'const at = Date.now()'],
      [domain, 'const at = new Date()'],
      ['loan-service/src/engine/fold.ts', 'const today = new Date()'],
    ],
    allows: [
      [domain, 'const due = new Date(approvedAt)'],
      [domain, '// The caller reads Date.now'],
      [commands, 'const at = new Date()'],
    ],
  },
  {
    what: 'Math.random',
    pattern: /\bMath\.random\b/,
    instead: 'take randomness as an argument, or use node:crypto',
    where: (path) => isShipped(path) || inTests(path),
    breaks: [
      [commands, 'const id = Math.random()'],
      [test, 'const seed = Math.random()'],
    ],
    allows: [['bench/transfers.ts', 'const wallet = Math.random()']],
  },
  {
    what: 'floating-point money',
    pattern: /\bparseFloat\b|\.toFixed\(/,
    instead: 'money is bigint minor units; shared/money reads and formats it',
    where: inMoney,
    breaks: [
      [domain, 'const amount = parseFloat(text)'],
      ['shared/src/money.ts', 'return amount.toFixed(2)'],
    ],
    allows: [['scripts/src/start.ts', 'seconds.toFixed(1)']],
  },
  {
    what: 'Number() of minor units',
    pattern: /\bNumber\([^()]*Minor\b/,
    instead: 'keep the bigint; toWireAmount makes the JSON number',
    where: everywhere,
    breaks: [[commands, 'const amount = Number(loan.amountMinor)']],
    allows: [[commands, 'const count = Number(text)']],
  },
  {
    what: 'process.env outside config',
    pattern: /\bprocess\.env\b/,
    instead: 'add it to config.ts and take it from deps',
    where: outsideConfig,
    breaks: [
      [commands, 'const url = process.env.MONGODB_URI'],
      [kit, 'const { RABBITMQ_URL } = process.env'],
    ],
    allows: [
      ['loan-service/src/config.ts', 'parseSettings(shape, process.env)'],
      ['scripts/src/start.ts', 'process.env.PORT'],
      ['shared/src/testing/servers.ts', 'process.env.MONGODB_URI'],
    ],
  },
  {
    what: 'console',
    pattern: /\bconsole\./,
    instead: 'use log',
    where: isShipped,
    breaks: [[commands, 'console.log(loan)']],
    allows: [['scripts/src/demo.ts', 'console.log(loan)']],
  },
  {
    what: 'a note to self',
    pattern: /\b(TODO|FIXME|XXX|HACK)\b/,
    instead: 'open an issue, or fix it',
    where: everywhere,
    inComments: true,
    breaks: [
      [commands, '// TODO: fees'],
      ['scripts/src/start.ts', '/* FIXME */'],
    ],
  },
  {
    what: 'requeueing a message',
    pattern: /\bnack(All)?\((?!.*\bfalse\s*\))|\bchannel\.reject\((?!.*\bfalse\s*\))/,
    instead: 'send it to the retry exchange, or reject it without requeue',
    where: everywhere,
    breaks: [
      [kit, 'channel.nack(message)'],
      [kit, 'channel.nack(message, false, true)'],
      [kit, 'channel.reject(message)'],
    ],
    allows: [
      [kit, 'channel.nack(message, false, false)'],
      [kit, 'channel.reject(message, false)'],
    ],
  },
  {
    what: 'a token verified by whatever algorithm it names',
    pattern: /\b(jwt|jsonwebtoken)\.verify\((?!.*\balgorithms\b)/,
    instead: 'pass algorithms on the same line',
    where: everywhere,
    breaks: [['shared/src/http/auth.ts', 'jsonwebtoken.verify(token, key)']],
    allows: [['shared/src/http/auth.ts', "jsonwebtoken.verify(token, key, { algorithms: ['RS256'] })"]],
  },
  {
    what: 'a test that is switched off, or switches others off',
    pattern: /\b(test|it|describe)(\.\w+)*\.(only|skip|todo|failing)\b|\b[xf](test|it|describe)\(/,
    instead: 'run it or remove it',
    where: inTests,
    breaks: [
      [test, "test.only('x', check)"],
      [test, "describe.skip('x', check)"],
      [test, "test.concurrent.only('x', check)"],
    ],
  },
  {
    what: 'a mock of a module',
    pattern: /\bjest\.(mock|doMock|unstable_mockModule)\(/,
    instead: 'use the real thing, or pass a fake as an argument',
    where: inTests,
    breaks: [[test, "jest.mock('./store.js')"]],
    allows: [[test, 'const notify = jest.fn()']],
  },
  {
    what: 'sleeping in a test',
    pattern: /\bsetTimeout\(|['"](node:)?timers\/promises['"]/,
    instead: 'wait for what you expect with eventually',
    where: inTests,
    breaks: [
      [test, 'await new Promise((done) => setTimeout(done, 100))'],
      [test, "import { setTimeout } from 'node:timers/promises'"],
    ],
    allows: [['shared/src/testing/eventually.ts', 'setTimeout(look, 20)']],
  },
  {
    what: 'a silenced compiler',
    pattern: /\bas any\b|@ts-ignore|@ts-nocheck|eslint-disable(?!.* -- )/,
    instead: 'give it its type; a line that must differ says why after " -- "',
    where: everywhere,
    inComments: true,
    breaks: [
      [commands, 'const row = found as any'],
      [commands, '// @ts-ignore'],
      [commands, '// eslint-disable-next-line no-console'],
    ],
    allows: [[commands, '// eslint-disable-next-line no-console -- the log is not up yet']],
  },
]

const toRule = ({ what, pattern, instead, where, inComments, breaks, allows }: Ban): Rule => ({
  name: `${what} → ${instead}`,
  violations: (sources) =>
    sources
      .filter(({ path }) => path.endsWith('.ts') && !isRuleBook(path) && where(path))
      .flatMap((source) => linesWith(pattern, source, inComments ? source.text : source.code))
      .map((found) => `${found}: ${instead}`),
  breaks: breaks.map(([path, line]) => ({ [path]: line })),
  allows: (allows ?? []).map(([path, line]) => ({ [path]: line })),
})

const linesWith = (pattern: RegExp, { path }: Source, text: string): string[] =>
  text.split('\n').flatMap((line, index) => {
    const found = pattern.exec(line)
    return found ? [`${path}:${index + 1} ${found[0]}`] : []
  })

export const banned: Rule[] = bans.map(toRule)
