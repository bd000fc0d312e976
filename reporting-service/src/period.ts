import { instantsOf } from '@countinghouse/shared/days'
import { Day, TimeZone } from '@countinghouse/shared/http/fields'
import { invalidAt } from '@countinghouse/shared/http/problem'

/** The part of every report's query that says which days it is about, and whose days they are. */
export const periodQuery = (businessTimeZone: string) => ({
  from: Day.optional(),
  to: Day.optional(),
  tz: TimeZone.default(businessTimeZone),
})

export type Period = { readonly from?: Date; readonly before?: Date }

/** The instants that the days asked for begin and end with; refuses days in the wrong order. */
export const toPeriod = (query: { from?: string | undefined; to?: string | undefined; tz: string }): Period => {
  const { from, to, tz } = query
  if (from !== undefined && to !== undefined && from > to) throw invalidAt(['query', 'to'], 'must not be before from')
  return instantsOf({ from, to }, tz)
}
