import { instantsOf } from './days.js'
import { forLatest } from './latest.js'

/** A day of people (`2026-11-21`): how business days are named. */
export type Day = string

export type Calendar = {
  /** The day on which an instant falls. */
  dayOf(instant: Date): Day
  /** The instant at which a day begins. */
  startOf(day: Day): Date
  /** The instant at which the clocks show a time (`02:00`) on a day; where they leap over it, when it would have been. */
  at(day: Day, time: string): Date
  /** Neither weekend nor holiday. */
  isWorkingDay(day: Day): boolean
  /** The day itself, if work is done on it, else the first one after it. */
  workingDayFrom(day: Day): Day
  /** So many working days later. */
  addWorkingDays(day: Day, count: number): Day
}

export type CalendarOptions = { zone: string; holidays?: readonly Day[]; weekend?: readonly number[] }

const SATURDAY_AND_SUNDAY = [6, 0]
const MINUTE_MS = 60_000
const DAY_MS = 24 * 3600 * 1000

/** The days of a business, as the clocks of its zone count them. */
export const createCalendar = (options: CalendarOptions): Calendar => {
  const { zone, holidays = [], weekend = SATURDAY_AND_SUNDAY } = options
  if (new Set(weekend).size >= 7) throw new Error('A calendar without a working day has no next one')
  const format = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' })
  // Clocks are set by whole minutes, and most that is asked for is of this one.
  const dayWithin = forLatest((minute: number) => format.format(minute * MINUTE_MS))
  const closed = new Set(holidays)
  const startOf = (day: Day): Date => instantsOf({ from: assertDay(day) }, zone).from as Date
  const isWorkingDay = (day: Day) => !closed.has(assertDay(day)) && !weekend.includes(new Date(day).getUTCDay())
  const workingDayFrom = (day: Day): Day => (isWorkingDay(day) ? day : workingDayFrom(addDays(day, 1)))
  return {
    dayOf: (instant) => dayWithin(Math.floor(instant.getTime() / MINUTE_MS)),
    startOf,
    at: (day, time) => clockAt(startOf(day), startOf(addDays(day, 1)), time, zone),
    isWorkingDay,
    workingDayFrom,
    addWorkingDays: (day, count) => {
      let last = day
      for (let left = count; left > 0; left--) last = workingDayFrom(addDays(last, 1))
      return last
    },
  }
}

/** So many days later, or earlier. */
export const addDays = (day: Day, count: number): Day => toDay(Date.parse(assertDay(day)) + count * DAY_MS)

/** The same day of a later month, or its last day where it is too short: 31 January and a month is 28 February. */
export const addMonths = (day: Day, count: number): Day => {
  const start = new Date(assertDay(day))
  const [year, month] = [start.getUTCFullYear(), start.getUTCMonth() + count]
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
  return toDay(Date.UTC(year, month, Math.min(start.getUTCDate(), lastDay)))
}

/** How many days later the second day is. */
export const daysBetween = (from: Day, to: Day): number =>
  Math.round((Date.parse(assertDay(to)) - Date.parse(assertDay(from))) / DAY_MS)

/** True for a day that is in the calendar: `2026-02-29` is not. */
export const isDay = (text: string): boolean =>
  /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)) && toDay(Date.parse(text)) === text

/** True for a time of day such as `02:00`. */
export const isTimeOfDay = (text: string): boolean => /^([01]\d|2[0-3]):[0-5]\d$/.test(text)

const toDay = (instant: number): Day => new Date(instant).toISOString().slice(0, 10)

const assertDay = (day: Day): Day => {
  if (!isDay(day)) throw new Error(`Not a day: ${day}`)
  return day
}

// The clocks of most days run evenly; on the others the offset at the time itself counts, and it is not known before.
const clockAt = (start: Date, end: Date, time: string, zone: string): Date => {
  if (!isTimeOfDay(time)) throw new Error(`Not a time of day: ${time}`)
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  const evenly = start.getTime() + (hours * 60 + minutes) * 60_000
  const leapMs = end.getTime() - start.getTime() - DAY_MS
  if (leapMs === 0) return new Date(evenly)
  const format = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit' })
  const shown = [evenly, evenly + leapMs].find((instant) => format.format(instant) === time)
  return new Date(shown ?? evenly)
}
