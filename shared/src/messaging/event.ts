import { z } from 'zod'
import { compiled } from '../compiled.js'
import { currentContext, nextTraceparent } from '../context.js'
import { uuidv7 } from '../uuid.js'

/** A CloudEvents 1.0 envelope with the extensions we always send; unknown attributes pass. */
export const envelopeSchema = z.looseObject({
  specversion: z.literal('1.0'),
  id: z.string().min(1),
  source: z.string().min(1),
  type: z.string().startsWith('countinghouse.'),
  subject: z.string().min(1),
  time: z.iso.datetime(),
  datacontenttype: z.literal('application/json'),
  traceparent: z.string(),
  actor: z.string(),
  correlationid: z.string(),
  causationid: z.string().optional(),
  data: z.unknown(),
})

export type Envelope = z.infer<typeof envelopeSchema>

/** What one service promises the others about one type of event; a breaking change is a new version, so a new type. */
export type EventContract<Schema extends z.ZodType = z.ZodType> = {
  readonly type: string
  readonly routingKey: string
  readonly source: string
  readonly schema: Schema
}

const PREFIX = 'countinghouse.'

/** Defines `countinghouse.<name>.v<version>`, published by `source`. */
export const defineEvent = <Schema extends z.ZodType>(
  name: string,
  version: number,
  source: string,
  schema: Schema,
): EventContract<Schema> => {
  const routingKey = `${name}.v${version.toString()}`
  return { type: PREFIX + routingKey, routingKey, source, schema }
}

export const routingKeyOf = (type: string): string => type.slice(PREFIX.length)

/** A new event about `subject`, carrying the trace, actor and cause of the current work. Throws when data breaks the contract. */
export const newEvent = <Schema extends z.ZodType>(
  contract: EventContract<Schema>,
  subject: string,
  data: z.output<Schema>,
): Envelope => {
  const context = currentContext()
  const id = uuidv7()
  return {
    specversion: '1.0',
    id,
    source: contract.source,
    type: contract.type,
    subject,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    traceparent: context?.traceparent ?? nextTraceparent(),
    actor: context?.actor ?? `service:${contract.source}`,
    correlationid: context?.correlationId ?? id,
    ...(context?.causationId !== undefined && { causationid: context.causationId }),
    data: toWire(compiled(contract.schema).parse(toWire(data))),
  }
}

// What its consumers will read is checked as they will check it, which costs far less than to encode it.
const toWire = (value: unknown): unknown => {
  if (typeof value === 'bigint') return value.toString()
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(toWire)
  const wire: Record<string, unknown> = {}
  for (const [name, inner] of Object.entries(value)) wire[name] = toWire(inner)
  return wire
}

/** Whole minor units: a bigint inside, a string of digits on the wire. */
export const MinorUnits = z.codec(z.string().regex(/^-?\d+$/), z.bigint(), {
  decode: (text) => BigInt(text),
  encode: (value) => value.toString(),
})
