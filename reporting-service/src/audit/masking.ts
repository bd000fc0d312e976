import { maskSecrets } from '@countinghouse/shared/logMask'

type Visit = (name: string, text: string) => string

const walk = (value: unknown, visit: Visit, name = ''): unknown => {
  if (typeof value === 'string') return visit(name, value)
  if (Array.isArray(value)) return value.map((item) => walk(item, visit, name))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, visit, key)]))
}

const MASK = '***'
const SECRET = /(^|_)(secret|password|token|cvc|cvv|pin|api_key)$/
const CARD = /(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w.-])/g

/** Data without secrets, and of card numbers only the last four digits. */
export const withoutSecrets = (data: unknown): Record<string, unknown> => {
  const fields = typeof data === 'object' && data !== null && !Array.isArray(data) ? data : { value: data }
  return walk(maskSecrets(fields), hideSecret) as Record<string, unknown>
}

const hideSecret: Visit = (name, text) => {
  if (SECRET.test(name)) return MASK
  return name.endsWith('_minor')
    ? text
    : text.replace(CARD, (found) => (isCard(found) ? `${MASK}${found.slice(-4)}` : found))
}

// The check digit of card numbers, by Luhn.
const isCard = (text: string): boolean => {
  const digits = [...text.replace(/\D/g, '')].reverse().map(Number)
  const worth = digits.map((digit, place) => (place % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2))
  return worth.reduce((sum, digit) => sum + digit, 0) % 10 === 0
}
