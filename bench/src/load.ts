/** What a load did: how many a second, and how long each took. */
export type Figures = { perSecond: number; p50Ms: number; p99Ms: number; count: number; failed: number }

export type Load = {
  clients: number
  seconds: number
  /** One unit of work; throws when it fails. */
  work: (client: number) => Promise<void>
}

/** So many clients, each doing one piece of work after another, for so long. */
export const runLoad = async ({ clients, seconds, work }: Load): Promise<Figures> => {
  const took: number[] = []
  let failed = 0
  const startedAt = performance.now()
  const until = startedAt + seconds * 1000
  const run = async (client: number): Promise<void> => {
    while (performance.now() < until) {
      const begunAt = performance.now()
      try {
        await work(client)
        took.push(performance.now() - begunAt)
      } catch {
        failed += 1
      }
    }
  }
  await Promise.all(Array.from({ length: clients }, (_, client) => run(client)))
  return summarise(took, (performance.now() - startedAt) / 1000, failed)
}

/** What so many pieces of work, each of which took so many milliseconds, come to. */
export const summarise = (tookMs: readonly number[], seconds: number, failed: number): Figures => {
  const sorted = tookMs.toSorted((one, other) => one - other)
  return {
    perSecond: sorted.length / seconds,
    p50Ms: sorted[Math.floor(sorted.length * 0.5)] ?? 0,
    p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
    count: sorted.length,
    failed,
  }
}
