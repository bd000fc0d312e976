/** A day of the business calendar, `YYYY-MM-DD`. Inside the engine days are whole numbers, counted from 1970-01-01. */
export type Day = string

const DAY_MS = 86_400_000

export const toDayNumber = (day: Day): number => Date.parse(day) / DAY_MS

export const toDay = (dayNumber: number): Day => {
  const { year, month, dayOfMonth } = partsOfDay(dayNumber)
  return `${year}-${twoDigits((month % 12) + 1)}-${twoDigits(dayOfMonth)}`
}

const twoDigits = (number: number): string => (number < 10 ? `0${number}` : `${number}`)

export type DayParts = { year: number; month: number; dayOfMonth: number }

// The calendar repeats every 400 years; years that begin in March have their leap day at the end.
const [ERA_DAYS, ERA_YEARS, ERA_TO_1970] = [146_097, 400, 719_468]

/** Year, month counted from the year 0, and day of the month. */
export const partsOfDay = (dayNumber: number): DayParts => {
  const shifted = dayNumber + ERA_TO_1970
  const era = Math.floor(shifted / ERA_DAYS)
  const dayOfEra = shifted - era * ERA_DAYS
  const leapDays = Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096)
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365)
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const month = (era * ERA_YEARS + yearOfEra) * 12 + marchMonth + 2
  const dayOfMonth = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1
  return { year: Math.floor(month / 12), month, dayOfMonth }
}

/** A day of a month counted from the year 0; the last of the month where the month is shorter. */
export const dayInMonth = (month: number, dayOfMonth: number): number =>
  firstOfMonth(month) +
  (dayOfMonth > 28 ? Math.min(dayOfMonth, firstOfMonth(month + 1) - firstOfMonth(month)) : dayOfMonth) -
  1

const firstOfMonth = (month: number): number => {
  const march = month - 2
  const year = Math.floor(march / 12)
  const days = 365 * year + Math.floor(year / 4) - Math.floor(year / 100) + Math.floor(year / ERA_YEARS)
  return days + Math.floor((153 * (march - year * 12) + 2) / 5) - ERA_TO_1970
}

export const firstOfYear = (year: number): number => firstOfMonth(year * 12)
