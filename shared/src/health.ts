/** What a process waits for, and whether it should get work. */
export interface Health {
  /** Not ready until the returned function is called. */
  waitFor(what: string): () => void
  /** Not ready while the check says no. */
  check(what: string, isUp: () => boolean | Promise<boolean>): void
  /** Never ready again: the process is stopping. */
  drain(): void
  report(): Promise<{ status: 'ready' | 'waiting' | 'draining'; waiting_for: string[] }>
}

export const createHealth = (): Health => {
  const waiting = new Set<string>()
  const checks = new Map<string, () => boolean | Promise<boolean>>()
  let draining = false
  return {
    waitFor: (what) => {
      waiting.add(what)
      return () => waiting.delete(what)
    },
    check: (what, isUp) => void checks.set(what, isUp),
    drain: () => (draining = true),
    report: async () => {
      const results = await Promise.all([...checks].map(async ([what, isUp]) => ((await isUp()) ? [] : [what])))
      const waiting_for = [...new Set([...waiting, ...results.flat()])]
      return { status: draining ? 'draining' : waiting_for.length > 0 ? 'waiting' : 'ready', waiting_for }
    },
  }
}
