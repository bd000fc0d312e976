/** A failure a person can act on: its sentence is shown without a stack. */
export class Failure extends Error {}

/** What to print of anything thrown. */
export const explain = (error: unknown): string => {
  if (error instanceof Failure) return error.message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

/** The sentence alone, for a failure that is told as the cause of another. */
export const reason = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  const parts: unknown[] = error instanceof AggregateError ? error.errors : []
  return error.message || parts.map(reason).join('; ') || error.name
}
