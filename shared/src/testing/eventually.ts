import { setTimeout as pause } from 'node:timers/promises'

const LOOK_AGAIN_AFTER_MAX_MS = 200

/** Repeats a check until it stops throwing; after the time limit its last error is the test's. */
export const eventually = async <Result>(check: () => Promise<Result> | Result, withinMs = 20_000): Promise<Result> => {
  const startedAt = performance.now()
  for (;;) {
    try {
      return await check()
    } catch (error) {
      const waitedMs = performance.now() - startedAt
      if (waitedMs > withinMs) throw error
      // What takes long needs the processor more than we need to know it at once.
      await pause(Math.min(20 + waitedMs / 10, LOOK_AGAIN_AFTER_MAX_MS))
    }
  }
}
