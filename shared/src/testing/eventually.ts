import { setTimeout as pause } from 'node:timers/promises'

/** Repeats a check until it stops throwing; after the time limit its last error is the test's. */
export const eventually = async <Result>(check: () => Promise<Result> | Result, withinMs = 20_000): Promise<Result> => {
  const giveUpAt = performance.now() + withinMs
  for (;;) {
    try {
      return await check()
    } catch (error) {
      if (performance.now() > giveUpAt) throw error
      await pause(20)
    }
  }
}
