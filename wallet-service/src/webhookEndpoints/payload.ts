import { routingKeyOf, type Envelope } from '@countinghouse/shared/messaging/event'
import { toWireAmount } from '@countinghouse/shared/money'

/** `countinghouse.wallet.credited.v1` is `wallet.credited` to those outside. */
export const nameOf = (type: string): string => routingKeyOf(type).replace(/\.v\d+$/, '')

/** An event as the other side reads it: amounts as everywhere in the API, decimals in the currency's major unit. */
export const toBody = ({ id, type, time, data }: Envelope): string =>
  JSON.stringify({ id, type: nameOf(type), created_at: time, data: withAmounts(data) })

type Fields = Record<string, unknown>

const withAmounts = (data: unknown): unknown => {
  if (Array.isArray(data)) return data.map(withAmounts)
  if (typeof data !== 'object' || data === null) return data
  const { currency } = data as Fields
  return Object.fromEntries(
    Object.entries(data).map(([name, value]: [string, unknown]) =>
      name.endsWith('_minor') && typeof currency === 'string' && typeof value === 'string'
        ? [name.slice(0, -'_minor'.length), toWireAmount(BigInt(value), currency)]
        : [name, withAmounts(value)],
    ),
  )
}
