import type { Log } from './log.js'
import type { Background } from './service.js'

export type Repetition = {
  everyMs: number
  /** Ends early when the signal says so. */
  work: (signal: AbortSignal) => Promise<unknown>
  log: Log
  /** What the log says when the work failed; it is tried again in its turn. */
  failure: string
}

/** Does a piece of work again and again, one at a time, until it is stopped. */
export const repeat = ({ everyMs, work, log, failure }: Repetition): Background => {
  const stopping = new AbortController()
  let running: Promise<unknown> | undefined
  const timer = setInterval(() => {
    running ??= work(stopping.signal)
      .catch((error: unknown) => {
        log.warn({ err: error }, failure)
      })
      .finally(() => (running = undefined))
  }, everyMs)
  return {
    stop: async () => {
      clearInterval(timer)
      stopping.abort()
      await running
    },
  }
}
