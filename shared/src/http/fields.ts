import { z } from 'zod'
import { isTimeZone } from '../days.js'
import { parseAmount, type AmountProblem } from '../money.js'
import { decodeCursor } from './page.js'
import { NOT_ABOVE_ZERO, invalidAt } from './problem.js'

/** The building blocks of request and answer schemas. */
export const Id = z.string().min(1).max(128).meta({ example: '019aa3f0-7c1e-7d4b-9b44-0d6a3e0f9a11' })
export const Timestamp = z.iso.datetime().meta({ example: '2026-11-21T09:30:00.000Z' })
export const Day = z.iso.date().meta({ example: '2026-11-21' })
export const TimeZone = z.string().refine(isTimeZone, 'is not an IANA time zone').meta({ example: 'Asia/Kolkata' })
export const text = (max: number) => z.string().trim().min(1).max(max)
export const WireAmount = z
  .number()
  .meta({ description: 'A decimal amount in the currency’s major unit', example: 250 })

const PROBLEMS: Record<AmountProblem, string> = {
  not_a_decimal: 'value is not a valid decimal',
  too_many_decimals: 'ensure that there are no more decimal places than the currency has',
  too_large: 'ensure that there are no more than 15 digits in total',
}

const DecimalInput = z
  .union([z.number(), z.string().max(40)])
  .meta({ description: 'A decimal amount, as a JSON number or a string', example: 250 })

/** An amount in a request, read exactly into minor units; never rounded. */
const amountIn = (currency: string) =>
  DecimalInput.transform((value, context) => {
    const amount = parseAmount(value, currency)
    if (typeof amount === 'bigint') return amount
    context.addIssue({ code: 'custom', message: PROBLEMS[amount] })
    return z.NEVER
  })

export const positiveAmountIn = (currency: string) => amountIn(currency).refine((amount) => amount > 0n, NOT_ABOVE_ZERO)
export const nonNegativeAmountIn = (currency: string) =>
  amountIn(currency).refine((amount) => amount >= 0n, 'ensure this value is greater than or equal to 0')

/** An amount above zero whose currency is known only after a look at the account; `readAmount` makes it minor units. */
export const UnreadAmount = DecimalInput.superRefine((value, context) => {
  const problem = parseAmount(value, WITHOUT_DECIMALS) === 'not_a_decimal' ? PROBLEMS.not_a_decimal : NOT_ABOVE_ZERO
  if (problem === PROBLEMS.not_a_decimal || Number(value) <= 0) context.addIssue({ code: 'custom', message: problem })
})

const WITHOUT_DECIMALS = 'JPY'

/** Reads an `UnreadAmount` exactly; refuses one that does not fit the currency, as a schema would. */
export const readAmount = (value: number | string, currency: string, loc: (string | number)[]): bigint => {
  const amount = parseAmount(value, currency)
  if (typeof amount === 'bigint') return amount
  throw invalidAt(loc, PROBLEMS[amount])
}

const PAGE_SIZE_MAX = 100

const PageSize = z.coerce
  .number()
  .int()
  .min(1)
  .default(20)
  .transform((size) => Math.min(size, PAGE_SIZE_MAX))

/** The query of every list: `page` from 1, `page_size` lowered to 100. */
export const pageQuery = { page: z.coerce.number().int().min(1).max(1_000_000).default(1), page_size: PageSize }

/** The query of every endless feed. */
export const feedQuery = { cursor: z.string().max(512).transform(decodeCursor).optional(), page_size: PageSize }

/** `ordering=-price,name` of a list, by the names that callers see and what each is stored as; unknown ones are refused. */
export const orderingBy = <Names extends string>(stored: Record<Names, string>, byDefault: string) =>
  z
    .string()
    .max(200)
    .default(byDefault)
    .transform((text, context): Record<string, 1 | -1> => {
      const keys = text.split(',').map((key) => ({ name: key.replace(/^-/, ''), direction: key.startsWith('-') }))
      const unknown = keys.filter(({ name }) => !Object.hasOwn(stored, name))
      for (const { name } of unknown) context.addIssue({ code: 'custom', message: `cannot order by "${name}"` })
      if (unknown.length > 0) return z.NEVER
      const sort = keys.map(({ name, direction }) => [stored[name as Names], direction ? -1 : 1] as const)
      return { ...Object.fromEntries(sort), _id: sort.at(-1)?.[1] ?? 1 }
    })
    .meta({ description: `One or more of ${Object.keys(stored).join(', ')}, each with a "-" for the reverse order` })
