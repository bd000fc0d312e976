import { monitorEventLoopDelay } from 'node:perf_hooks'

const RESOLUTION_MS = 20
const LOOKED_AT_EVERY_MS = 200
const WEIGHT_OF_NEWEST = 0.3

/** How late the event loop is of late, in milliseconds: a mean in which a single pause does not count for much. */
export const watchEventLoop = (): { delayMs: () => number; stop: () => void } => {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  histogram.enable()
  let delayMs = 0
  const timer = setInterval(() => {
    const newest = histogram.count === 0 ? 0 : Math.max(0, histogram.mean / 1e6 - RESOLUTION_MS)
    histogram.reset()
    delayMs += WEIGHT_OF_NEWEST * (newest - delayMs)
  }, LOOKED_AT_EVERY_MS).unref()
  return {
    delayMs: () => delayMs,
    stop: () => {
      histogram.disable()
      clearInterval(timer)
    },
  }
}
