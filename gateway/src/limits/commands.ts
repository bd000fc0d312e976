import { counter } from '@countinghouse/shared/metrics'
import { refuse } from '../errors.js'
import type { Visit } from '../visit.js'
import { createRules, toHeaders, toSeconds, type Quotas, type Rule, type Verdict } from './domain.js'
import { createWindows } from './windows.js'

export type LimiterDeps = {
  quotas: Quotas
  /** Takes for many requests at once, from windows that all gateways share. */
  takeShared: (requests: readonly (readonly Rule[])[]) => Promise<readonly Verdict[]>
  /** Whether the shared windows can be asked at all. */
  isShared: () => boolean
  /** How long they may take. */
  waitMs: number
  /** A clock that never steps back, in milliseconds. */
  now: () => number
}

const limited = counter('rate_limited_total', 'Requests that were refused for their number', {
  policy: ['minute', 'day', 'login', 'registration'],
})
const local = counter('rate_limit_decided_locally_total', 'Requests that were counted in this process alone')

/** Admits a visit if its caller has requests left, and tells it in the visit's headers; refuses it otherwise. */
export const createLimiter = (deps: LimiterDeps): ((visit: Visit) => Promise<void>) => {
  const rulesOf = createRules(deps.quotas)
  const take = createTaker(deps)
  return async ({ request, url, actor, source, headers }) => {
    const rules = rulesOf({ method: request.method ?? '', url, actor, address: source.address })
    if (rules.length === 0) return
    const verdict = await take(rules)
    Object.assign(headers, toHeaders(verdict))
    if (!verdict.refusedBy) return
    const { rule, resetMs } = verdict.refusedBy
    const { name, quota, windowMs } = rule.policy
    limited.inc({ policy: name })
    throw refuse('rate_limit_exceeded', {
      policy: name,
      quota,
      window_seconds: toSeconds(windowMs),
      retry_after: toSeconds(resetMs),
    })
  }
}

const LEFT_ALONE_FOR_MS = 1_000

type Waiting = { rules: readonly Rule[]; resolve: (verdict: Verdict) => void }

/** Asks the shared windows once for all requests of a turn of the event loop, and decides alone while they do not answer. */
const createTaker = ({ takeShared, isShared, waitMs, now }: Omit<LimiterDeps, 'quotas'>) => {
  const windows = createWindows()
  let waiting: Waiting[] = []
  let leftAloneUntil = Number.NEGATIVE_INFINITY
  const takeAlone = (rules: readonly Rule[]): Verdict => {
    local.inc()
    return windows.take(rules, now())
  }
  const ask = (): void => {
    const asking = waiting
    waiting = []
    inTime(takeShared(asking.map(({ rules }) => rules)), waitMs).then(
      (verdicts) => {
        asking.forEach(({ rules, resolve }, index) => {
          resolve(verdicts[index] ?? takeAlone(rules))
        })
      },
      () => {
        leftAloneUntil = now() + LEFT_ALONE_FOR_MS
        for (const { rules, resolve } of asking) resolve(takeAlone(rules))
      },
    )
  }
  return (rules: readonly Rule[]): Verdict | Promise<Verdict> => {
    if (!isShared() || now() < leftAloneUntil) return takeAlone(rules)
    return new Promise((resolve) => {
      waiting.push({ rules, resolve })
      if (waiting.length === 1) setImmediate(ask)
    })
  }
}

const inTime = <Result>(work: Promise<Result>, waitMs: number): Promise<Result> =>
  new Promise((resolve, reject) => {
    // An answer that is here already, and only we are late to read it, still counts.
    const giveUp = () => setImmediate(reject, new Error('The shared windows do not answer in time'))
    const timer = setTimeout(giveUp, waitMs)
    work.then(resolve, reject).finally(() => {
      clearTimeout(timer)
    })
  })
