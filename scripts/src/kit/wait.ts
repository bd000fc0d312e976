import { setTimeout as sleep } from 'node:timers/promises'
import { Failure, reason } from './failure.js'

export type WaitOptions = { timeoutMs: number; intervalMs?: number; signal?: AbortSignal | undefined }

/** Repeats a check until it stops throwing; past the time limit fails with what the last attempt said. */
export const waitFor = async <T>(what: string, check: () => Promise<T>, options: WaitOptions): Promise<T> => {
  const { timeoutMs, intervalMs = 100, signal } = options
  const deadline = Date.now() + timeoutMs
  for (;;) {
    try {
      return await check()
    } catch (error) {
      signal?.throwIfAborted()
      if (Date.now() > deadline) throw new Failure(`${what} within ${timeoutMs / 1000} s: ${reason(error)}`)
    }
    await sleep(intervalMs, undefined, { signal }).catch(() => signal?.throwIfAborted())
  }
}

/** Whether the promise settled within the time. */
export const settlesWithin = async (promise: Promise<unknown>, timeoutMs: number): Promise<boolean> => {
  const timer = new AbortController()
  const late = sleep(timeoutMs, false, { signal: timer.signal }).catch(() => false)
  const settled = promise.then(
    () => true,
    () => true,
  )
  return Promise.race([settled, late]).finally(() => timer.abort())
}
