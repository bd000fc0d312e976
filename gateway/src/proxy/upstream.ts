import { createCircuit } from '@countinghouse/shared/http/circuit'
import type { Log } from '@countinghouse/shared/log'
import { refuse } from '@countinghouse/shared/refusal'
import { errors, Pool } from 'undici'
import type { ServiceName } from '../routing.js'
import { idsOf, type Visit } from '../visit.js'
import { ClientLeft, exchange } from './exchange.js'

/** One service behind the gateway. */
export interface Upstream {
  /** Settles once the service has begun to answer; refuses as `dependency_unavailable` when it does not. */
  forward(visit: Visit): Promise<void>
  close(): Promise<void>
}

const POOL = {
  connections: 128,
  connect: { timeout: 500 },
  headersTimeout: 10_000,
  bodyTimeout: 60_000,
  // Well below the 75 s for which a service keeps an idle connection, or we would write into a closing one.
  keepAliveTimeout: 4_000,
  keepAliveMaxTimeout: 30_000,
}

export type UpstreamOptions = { name: ServiceName; url: string; log: Log }

export const createUpstream = ({ name, url, log }: UpstreamOptions): Upstream => {
  const pool = new Pool(url, POOL)
  // Any answer, a 500 too, is proof of life: the circuit opens when none comes.
  const circuit = createCircuit(name, (visit: Visit) => exchange(pool, visit), saysNothingAboutTheService)
  return {
    forward: (visit) =>
      circuit.fire(visit).catch((error: unknown) => {
        if (error instanceof ClientLeft) return
        if (error instanceof errors.InvalidArgumentError) throw error
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
  error instanceof ClientLeft || error instanceof errors.InvalidArgumentError

const isShortCircuit = (error: unknown): boolean => (error as { code?: string }).code === 'EOPENBREAKER'
