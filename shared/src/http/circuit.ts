import CircuitBreaker from 'opossum'
import { gauge } from '../metrics.js'

const state = gauge('circuit_state', '0 closed, 1 half open, 2 open', ['upstream'])

/** Stops calling an upstream of which half the calls fail, and tries it again two seconds later. */
export const createCircuit = <Args extends unknown[], Result>(
  upstream: string,
  action: (...args: Args) => Promise<Result>,
  /** Failures that say nothing about the upstream. */
  isNoFault: (error: unknown) => boolean = () => false,
): CircuitBreaker<Args, Result> => {
  const breaker = new CircuitBreaker(action, {
    timeout: false,
    errorThresholdPercentage: 50,
    volumeThreshold: 10,
    resetTimeout: 2_000,
    rollingPercentilesEnabled: false,
    errorFilter: isNoFault,
  })
  const show = (value: number) => () => {
    state.set({ upstream }, value)
  }
  show(0)()
  breaker.on('close', show(0)).on('halfOpen', show(1)).on('open', show(2))
  return breaker
}
