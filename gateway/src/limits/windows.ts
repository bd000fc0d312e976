import type { Rule, Standing, Verdict } from './domain.js'

export interface Windows {
  take(rules: readonly Rule[], nowMs: number): Verdict
}

const KEYS_MAX = 50_000

/** Sliding windows in the memory of this process; when it holds too many, the one that began first is forgotten. */
export const createWindows = (keysMax = KEYS_MAX): Windows => {
  const taken = new Map<string, number[]>()
  const timesOf = ({ key, policy }: Rule, nowMs: number): number[] => {
    const times = (taken.get(key) ?? []).filter((time) => time > nowMs - policy.windowMs)
    if (!taken.has(key) && taken.size >= keysMax) forgetFirst(taken)
    taken.set(key, times)
    return times
  }
  return {
    take: (rules, nowMs) => {
      const counted = rules.map((rule) => ({ rule, times: timesOf(rule, nowMs) }))
      const isRefused = counted.some(({ rule, times }) => times.length >= rule.policy.quota)
      const standings = counted.map(({ rule, times }): Standing => {
        if (!isRefused) times.push(nowMs)
        const { quota, windowMs } = rule.policy
        // A quota that was lowered may have more taken from it than it holds.
        const next = times[Math.max(0, times.length - quota)] ?? nowMs
        return { rule, remaining: Math.max(0, quota - times.length), resetMs: next + windowMs - nowMs }
      })
      return { refusedBy: isRefused ? slowest(standings) : undefined, standings }
    },
  }
}

/** Of the rules that have nothing left, the one that takes longest. */
export const slowest = (standings: readonly Standing[]): Standing | undefined =>
  standings
    .filter(({ remaining }) => remaining === 0)
    .reduce<Standing | undefined>((slow, one) => (slow && slow.resetMs >= one.resetMs ? slow : one), undefined)

const forgetFirst = (map: Map<string, unknown>): void => {
  const first = map.keys().next()
  if (!first.done) map.delete(first.value)
}
