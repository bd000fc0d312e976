import { Transform } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { createCircuit } from '@countinghouse/shared/http/circuit'
import type { Log } from '@countinghouse/shared/log'
import { counter, fromZero } from '@countinghouse/shared/metrics'
import { Refusal, refuse } from '@countinghouse/shared/refusal'
import { errors, Pool } from 'undici'
import type { ServiceName } from '../routing.js'
import { idsOf, type Visit } from '../visit.js'
import { takeBody, type BodyLimits } from './body.js'
import { ClientLeft, exchange, TooLate, type Sending } from './exchange.js'
import { createBudget, mayRepeat } from './retry.js'

/** One service behind the gateway. */
export interface Upstream {
  /** Settles once the service has begun to answer; refuses as `dependency_unavailable` when it does not. */
  forward(visit: Visit): Promise<void>
  close(): Promise<void>
}

const POOL = {
  connections: 128,
  connect: { timeout: 500 },
  bodyTimeout: 60_000,
  // Well below the 75 s for which a service keeps an idle connection, or we would write into a closing one.
  keepAliveTimeout: 4_000,
  keepAliveMaxTimeout: 30_000,
}
const PAUSE_MS = { least: 20, spread: 60 }

export type UpstreamOptions = {
  name: ServiceName
  url: string
  limits: BodyLimits
  timeoutMs: number
  /** From 0 to 1. */
  random: () => number
  log: Log
}

const repeats = counter('upstream_retries_total', 'Requests that were sent once more', ['upstream'])

export const createUpstream = ({ name, url, limits, timeoutMs, random, log }: UpstreamOptions): Upstream => {
  const pool = new Pool(url, POOL)
  const budget = createBudget()
  fromZero(repeats, { upstream: [name] })
  // Any answer, a 500 too, is proof of life: the circuit opens when none comes.
  const circuit = createCircuit(name, (sending: Sending) => exchange(pool, sending), saysNothingAboutTheService)
  const repeat = async (sending: Sending, error: unknown): Promise<void> => {
    const { method = '', headers } = sending.visit.request
    const hasKey = headers['idempotency-key'] !== undefined
    if (!mayRepeat({ method, hasKey, body: sending.body, error }) || !budget.spend()) throw error
    await pause(PAUSE_MS.least + random() * PAUSE_MS.spread)
    if (sending.visit.response.destroyed) throw new ClientLeft()
    repeats.inc({ upstream: name })
    await circuit.fire(sending)
  }
  const send = async (visit: Visit): Promise<void> => {
    const deadline = visit.arrivedAt + timeoutOf(visit, timeoutMs)
    const body = await takeBody(visit.request, limits)
    const sending = { visit, body, deadline }
    budget.pay()
    try {
      await circuit.fire(sending).catch((error: unknown) => repeat(sending, error))
    } catch (error) {
      // Nobody reads it any more; what the client still sends is drained.
      if (body instanceof Transform) body.destroy()
      throw error
    }
  }
  return {
    forward: (visit) =>
      send(visit).catch((error: unknown) => {
        if (error instanceof ClientLeft || visit.request.errored) return
        if (error instanceof Refusal || error instanceof errors.InvalidArgumentError) throw error
        if (!isShortCircuit(error))
          log.warn({ upstream: name, reason: String(error), ...idsOf(visit) }, 'A service does not answer')
        throw refuse('dependency_unavailable', { dependency: name })
      }),
    close: () => {
      circuit.shutdown()
      return pool.close()
    },
  }
}

const saysNothingAboutTheService = (error: unknown): boolean =>
  [ClientLeft, TooLate, Refusal, errors.InvalidArgumentError].some((kind) => error instanceof kind)

const isShortCircuit = (error: unknown): boolean => (error as { code?: string }).code === 'EOPENBREAKER'

/** A client may say how long it waits; it cannot make us wait longer. */
const timeoutOf = ({ request }: Visit, timeoutMs: number): number => {
  const said = Number(request.headers['x-request-timeout'])
  return Number.isInteger(said) && said > 0 ? Math.min(said, timeoutMs) : timeoutMs
}
