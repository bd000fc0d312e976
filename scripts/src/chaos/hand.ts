import { setTimeout as pause } from 'node:timers/promises'
import type { Answer, Client } from '@countinghouse/client'
import type { Attempt } from './tally.js'

/** Who asks: a login that is renewed when its token is no longer taken. */
export type Session = { token: string; renew(): Promise<void> }

export type Ask = {
  kind: string
  marker: string
  moves?: Attempt['moves']
  session?: Session
  send: (sending: { key: string; token: string | undefined }) => Promise<Answer>
  /** The field of the answer that holds the number of what was made. */
  numberIn?: string
  /** Whether an answer is the last word; without it, every one is. */
  isSettled?: (body: Record<string, unknown>) => boolean
  /** A refusal that, on a repeat, means that the first sending had its effect: for what takes no key. */
  meansDone?: string
}

/** What a player does everything with: the API as a client of the platform uses it, and a note of every attempt. */
export type Hand = {
  client: Client
  random: () => number
  /** A name or a number that nothing else in this run has. */
  fresh(): number
  /** Sends until it is answered for good; undefined when it was refused, or the client gave up. */
  attempt(ask: Ask): Promise<Record<string, unknown> | undefined>
  /** Reads until the answer is as wanted; undefined when it never was. */
  until(ask: () => Promise<Answer>, isGood: (body: Record<string, unknown>) => boolean): Promise<boolean>
  attempts: readonly Attempt[]
  /** Every refusal that came, by kind and code, so that a report can say what clients were told. */
  refusals: ReadonlyMap<string, number>
}

export type HandOptions = {
  client: Client
  random: () => number
  /** How long a client goes on asking. */
  patienceMs: number
  /** The share of clients that give up at the first failure. */
  impatient: number
  stopped: () => boolean
}

const BACK_OFF_MAX_MS = 1_000

export const createHand = ({ client, random, patienceMs, impatient, stopped }: HandOptions): Hand => {
  const attempts: Attempt[] = []
  const refusals = new Map<string, number>()
  let last = 0
  const backOff = (failures: number) => pause(random() * Math.min(BACK_OFF_MAX_MS, 50 * 2 ** failures))

  const attempt: Hand['attempt'] = async (ask) => {
    const { kind, marker, moves, session } = ask
    const noted: Attempt = { kind, marker, outcome: 'unknown', failures: 0, ...(moves && { moves }) }
    attempts.push(noted)
    const givesUp = random() < impatient
    const giveUpAt = performance.now() + patienceMs
    const key = `${kind}-${marker}`.replaceAll(' ', '-')
    for (;;) {
      const answer = await ask.send({ key, token: session?.token }).catch(() => undefined)
      if (answer?.ok || (noted.failures > 0 && codeOf(answer) === ask.meansDone)) {
        const body = (answer?.body ?? {}) as Record<string, unknown>
        if (ask.isSettled?.(body) !== false) noted.outcome = 'acknowledged'
        if (ask.numberIn !== undefined && answer?.ok) noted.told = String(body[ask.numberIn])
        return body
      }
      if (answer?.status === 401) await session?.renew().catch(() => undefined)
      else if (answer && !isPassing(answer)) {
        noted.outcome = 'refused'
        const name = `${kind}: ${codeOf(answer)}`
        refusals.set(name, (refusals.get(name) ?? 0) + 1)
        return undefined
      }
      noted.failures += 1
      if (givesUp || performance.now() > giveUpAt) return undefined
      await backOff(noted.failures)
    }
  }

  const until: Hand['until'] = async (ask, isGood) => {
    const giveUpAt = performance.now() + patienceMs
    while (!stopped() && performance.now() < giveUpAt) {
      const answer = await ask().catch(() => undefined)
      if (answer?.ok && isGood(answer.body as Record<string, unknown>)) return true
      await pause(100)
    }
    return false
  }
  return { client, random, fresh: () => ++last, attempt, until, attempts, refusals }
}

const codeOf = (answer: Answer | undefined): string => (answer && !answer.ok ? answer.body.code : '')

// What says nothing about the request itself, and so is asked again.
const isPassing = (answer: Answer): boolean =>
  answer.status >= 500 || answer.status === 429 || codeOf(answer) === 'idempotency_in_progress'
