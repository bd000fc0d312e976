export type Progress = {
  say(line: string): void
  seconds(): string
}

/** Lines on the terminal, each with the seconds since the command began. */
export const startProgress = (): Progress => {
  const startedAtMs = Date.now()
  const seconds = () => secondsSince(startedAtMs)
  return { seconds, say: (line) => console.log(`[${seconds().padStart(5)} s] ${line}`) }
}

/** Seconds since a moment, to one decimal. */
export const secondsSince = (startedAtMs: number): string => ((Date.now() - startedAtMs) / 1000).toFixed(1)
