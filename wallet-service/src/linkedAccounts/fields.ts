import { Day, WireAmount, readAmount, text } from '@countinghouse/shared/http/fields'
import { validationRefusal } from '@countinghouse/shared/http/problem'
import { toWireAmount } from '@countinghouse/shared/money'
import { z } from 'zod'
import type { Detail, Details } from './domain/account.js'
import { ACCOUNT_KINDS, kindOf, type DetailType } from './domain/kinds.js'

/** An amount of either sign; what it means in minor units is known with the currency. */
export const SignedAmount = z
  .union([z.number(), z.string().max(40)])
  .meta({ description: 'A decimal amount, as a JSON number or a string', example: 250 })

const asked: Readonly<Record<DetailType, z.ZodType>> = {
  amount: SignedAmount,
  rate: z.number().min(0).max(1_000).meta({ description: 'Percent a year' }),
  count: z.number().int().min(0).max(100_000),
  day: Day,
  flag: z.boolean(),
  text: text(100),
}

const shown: Readonly<Record<DetailType, z.ZodType>> = {
  amount: WireAmount,
  rate: z.number().meta({ description: 'Percent a year' }),
  count: z.number().int(),
  day: Day,
  flag: z.boolean(),
  text: z.string(),
}

const detailsBy = (type: string, table: Readonly<Record<DetailType, z.ZodType>>) =>
  z.strictObject(
    Object.fromEntries(Object.entries(kindOf(type).details).map(([name, detail]) => [name, table[detail]])),
  )

type Variant<Fields extends z.ZodRawShape> = z.ZodObject<
  { type: z.ZodLiteral<string>; details: z.ZodType<Record<string, unknown>, Record<string, unknown>> } & Fields
>

const ofEveryKind = <Fields extends z.ZodRawShape>(fields: Fields, table: Readonly<Record<DetailType, z.ZodType>>) => {
  const { id, ...rest }: z.ZodRawShape = fields
  const variants = Object.keys(ACCOUNT_KINDS).map((type) =>
    z.strictObject({ ...(id && { id }), type: z.literal(type), ...rest, details: detailsBy(type, table) }),
  )
  return z.discriminatedUnion('type', variants as unknown as [Variant<Fields>, ...Variant<Fields>[]])
}

/** An account of one of the kinds, as a request has it. */
export const askedAccount = <Fields extends z.ZodRawShape>(fields: Fields) => ofEveryKind(fields, asked)
/** The same as an answer has it. */
export const shownAccount = <Fields extends z.ZodRawShape>(fields: Fields) => ofEveryKind(fields, shown)

type Of = { type: string; currency: string }

/** The details of a request as they are kept. */
export const readDetails = (input: Readonly<Record<string, unknown>>, { type, currency }: Of): Details =>
  Object.fromEntries(
    Object.entries(kindOf(type).details)
      .filter(([name]) => input[name] !== undefined)
      .map(([name, detail]) => {
        const value = input[name] as number | string
        return [name, detail === 'amount' ? readAmount(value, currency, ['body', 'details', name]) : value]
      }),
  )

/** Some of the details of a kind, as a change names them; refuses what the kind does not have. */
export const readSomeDetails = (input: unknown, of: Of): Details => {
  const parsed = z.object({ details: detailsBy(of.type, asked).partial() }).safeParse({ details: input }, { reportInput: true }) // prettier-ignore
  if (!parsed.success) throw validationRefusal('body', parsed.error)
  return readDetails(parsed.data.details, of)
}

/** Details on the wire, in the order of their kind. */
export const toWireDetails = (details: Details, { type, currency }: Of): Record<string, unknown> =>
  Object.fromEntries(
    Object.keys(kindOf(type).details)
      .filter((name) => name in details)
      .map((name) => [name, toWireDetail(details[name] as Detail, currency)]),
  )

const toWireDetail = (value: Detail, currency: string) =>
  typeof value === 'bigint' ? toWireAmount(value, currency) : value
