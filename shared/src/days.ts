/** Days of people: a day begins and ends with the clocks of a time zone, which daylight saving makes 23 to 25 hours apart. */

const DAY_MS = 24 * 3600 * 1000

/** True for an IANA name (`Asia/Kolkata`), also where it is but another name of a zone. */
export const isTimeZone = (name: string): boolean => {
  try {
    return /^[a-z]/i.test(name) && new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined
  } catch {
    return false
  }
}

/** The instants from which and before which something falls on one of these days (`YYYY-MM-DD`), both included. */
export const instantsOf = (
  { from, to }: { from?: string | undefined; to?: string | undefined },
  zone: string,
): { from?: Date; before?: Date } => ({
  ...(from !== undefined && { from: startOfDay(Date.parse(from), zone) }),
  ...(to !== undefined && { before: startOfDay(Date.parse(to) + DAY_MS, zone) }),
})

/** Tells what the clocks of a zone show at an instant, with their distance to UTC: `2026-11-21T15:00:00+05:30`. */
export const toClock = (zone: string): ((instant: Date) => string) => {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' })
  return (instant) => {
    const [shown, whole] = [format.format(instant).replace(' ', 'T'), Math.floor(instant.getTime() / 1000) * 1000]
    const minutes = Math.round((Date.parse(`${shown}Z`) - whole) / 60_000)
    const two = (value: number) => Math.floor(value).toString().padStart(2, '0')
    return `${shown}${minutes < 0 ? '-' : '+'}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`
  }
}

/** The first instant of a day, given as its midnight in UTC; later than midnight where the clocks leap over that. */
const startOfDay = (midnight: number, zone: string): Date => {
  const format = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' })
  const offsetAt = (instant: number): number => toOffsetMs(format.format(instant))
  const candidates = [midnight - DAY_MS, midnight + DAY_MS].map((near) => midnight - offsetAt(near))
  return new Date(Math.min(...candidates.filter((instant) => instant + offsetAt(instant) >= midnight)))
}

// Ends in `GMT+05:30`, or in plain `GMT`.
const toOffsetMs = (formatted: string): number => {
  const [, sign, hours, minutes, seconds] = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(formatted) ?? []
  const size = Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0)
  return (sign === '-' ? -size : size) * 1000
}
