import type { Connection } from 'mongoose'

export type Deps = {
  db: Connection
  /** The currency and the time zone that are meant when a request names none. */
  currency: string
  timeZone: string
  now: () => Date
}
