import { counter, gauge } from '@countinghouse/shared/metrics'
import { refuse } from '../errors.js'

export type Bounds = {
  readonly inFlight: number
  readonly inFlightPerService: number
  readonly eventLoopDelayMs: number
}

const inFlight = gauge('http_server_active_requests', 'Requests in flight', ['upstream'])
const shed = counter('shed_total', 'Requests that were refused to keep the others alive', {
  reason: ['event_loop', 'in_flight', 'service_in_flight'],
})

// Who only reads can ask again at no risk, so the last fifth of every bound is for those who write.
const SHARE_OF_READERS = 0.8

/**
 * Keeps what is in flight within bounds: a request takes a place, or is refused as `overloaded` at once, before any work
 * is done for it. Returns how to give the place back.
 */
export const createGuard = (bounds: Bounds, loopDelayMs: () => number) => {
  const perService = new Map<string, { count: number }>()
  let total = 0
  // Read when it is asked for, so that requests do not pay for it.
  Object.assign(inFlight, {
    collect: () => {
      for (const [upstream, { count }] of perService) inFlight.set({ upstream }, count)
    },
  })
  const placesOf = (owner: string): { count: number } => {
    const known = perService.get(owner)
    if (known) return known
    const fresh = { count: 0 }
    perService.set(owner, fresh)
    return fresh
  }
  const reasonAgainst = (count: number, share: number): string | undefined => {
    if (loopDelayMs() > bounds.eventLoopDelayMs * share) return 'event_loop'
    if (total >= bounds.inFlight * share) return 'in_flight'
    return count >= bounds.inFlightPerService * share ? 'service_in_flight' : undefined
  }
  return (owner: string, method: string): (() => void) => {
    const places = placesOf(owner)
    const isReading = method === 'GET' || method === 'HEAD'
    const reason = reasonAgainst(places.count, isReading ? SHARE_OF_READERS : 1)
    if (reason) {
      shed.inc({ reason })
      throw refuse('overloaded')
    }
    places.count += 1
    total += 1
    return () => {
      places.count -= 1
      total -= 1
    }
  }
}
