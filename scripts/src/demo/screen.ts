import type { Exchange } from '@countinghouse/client'
import type { Envelope } from '@countinghouse/shared/messaging/event'

const colour = (code: number) => (text: string) => (process.stdout.isTTY ? `\u001b[${code}m${text}\u001b[0m` : text)
const [bold, dim, green, red, blue] = [colour(1), colour(2), colour(32), colour(31), colour(34)]

const FIELDS_SHOWN = [
  'id',
  'status',
  'decision',
  'risk_score',
  'balance',
  'available',
  'currency',
  'total',
  'sum_amount',
  'balanced',
  'code',
]

/** What a person sees of the demonstration. */
export const createScreen = (write: (line: string) => void) => ({
  chapter: (title: string) => {
    write(`\n${bold(title)}`)
  },
  fact: (sentence: string) => {
    write(`  ${green('✓')} ${sentence}`)
  },
  exchange: ({ method, path, answer, ms }: Exchange) => {
    const status = answer.status < 400 ? green(String(answer.status)) : red(String(answer.status))
    write(`  → ${method} ${path}  ${status} ${dim(`${ms.toFixed(0)} ms`)}  ${dim(summaryOf(answer.body))}`)
  },
  event: ({ type, subject, time }: Envelope) => {
    const age = Date.now() - Date.parse(time)
    write(`  ${blue('⚡')} ${type.replace('countinghouse.', '')}  ${dim(`about ${subject}, ${age} ms after the fact`)}`)
  },
  failure: (sentence: string) => {
    write(`\n${red('✗')} ${sentence}`)
  },
})

const summaryOf = (body: unknown): string => {
  if (Array.isArray(body)) return `${body.length} found`
  const record = (body ?? {}) as Record<string, unknown>
  return FIELDS_SHOWN.filter((name) => record[name] !== undefined && record[name] !== null)
    .map((name) => `${name} ${String(record[name])}`)
    .join(', ')
}
