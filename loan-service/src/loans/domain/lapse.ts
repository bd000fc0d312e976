const DAY_MS = 24 * 3600 * 1000

/** When something lapses that is good for so many days. */
export const daysAfter = (at: Date, days: number): Date => new Date(at.getTime() + days * DAY_MS)
