class Interrupted extends Error {}

/** Whether a command ended because a person, or the system, asked it to. */
export const wasInterrupted = (error: unknown): boolean =>
  error instanceof Interrupted || (error instanceof Error && error.name === 'AbortError')

// npm passes on the Ctrl-C that the terminal has sent us already: the same wish, twice within a moment.
const sameWishMs = 500

/** Aborts at the first Ctrl-C, SIGTERM or hang-up; a second one ends the process, and its children, at once. */
export const interruption = (): AbortSignal => {
  const controller = new AbortController()
  let firstAtMs = 0
  const interrupt = (name: NodeJS.Signals) => {
    if (!controller.signal.aborted) {
      firstAtMs = Date.now()
      controller.abort(new Interrupted(name))
    } else if (Date.now() - firstAtMs > sameWishMs) process.exit(130)
  }
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt).on('SIGHUP', interrupt)
  watchNpm(() => interrupt('SIGTERM'))
  return controller.signal
}

// A SIGTERM at npm ends npm and its shell but is not passed on to us: being left alone is how we learn of it.
const watchNpm = (onGone: () => void): void => {
  if (!process.env['npm_lifecycle_event']) return
  const parent = process.ppid
  const look = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(look)
    onGone()
  }, 300)
  look.unref()
}

/** The promise's outcome, or the interruption when that comes first. */
export const unlessAborted = <T>(promise: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason as Error)
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
