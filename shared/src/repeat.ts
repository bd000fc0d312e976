import type { Log } from './log.js'
import type { Background } from './service.js'

export type Repetition = {
  everyMs: number
  /** Ends early when the signal says so. */
  work: (signal: AbortSignal) => Promise<unknown>
  log: Log
  /** What the log says when the work failed; it is tried again in its turn. */
  failure: string
}

/** Does a piece of work again and again, one at a time, until it is stopped. */
export const repeat = ({ everyMs, work, log, failure }: Repetition): Background => {
  const stopping = new AbortController()
  let running: Promise<unknown> | undefined
  const timer = setInterval(() => {
    running ??= work(stopping.signal)
      .catch((error: unknown) => {
        log.warn({ err: error }, failure)
      })
      .finally(() => (running = undefined))
  }, everyMs)
  return {
    stop: async () => {
      clearInterval(timer)
      stopping.abort()
      await running
    },
  }
}

export type Taking<Item> = Omit<Repetition, 'work'> & {
  /** Takes the next that is due, so that nobody else has it; undefined when none is. */
  take: () => Promise<Item | undefined>
  work: (item: Item, signal: AbortSignal) => Promise<unknown>
  atOnce: number
}

/** Works on what is due, a few at once, until it is stopped; one that fails keeps no other back. */
export const repeatInLanes = <Item>({ take, work, atOnce, ...repetition }: Taking<Item>): Background => {
  const underWay = new Set<Promise<void>>()
  const begin = (item: Item, signal: AbortSignal): void => {
    const working = work(item, signal)
      .then(
        () => undefined,
        (error: unknown) => {
          repetition.log.warn({ err: error }, repetition.failure)
        },
      )
      .finally(() => underWay.delete(working))
    underWay.add(working)
  }
  const looking = repeat({
    ...repetition,
    work: async (signal) => {
      for (let item = await take(); item !== undefined; item = signal.aborted ? undefined : await take()) {
        begin(item, signal)
        if (underWay.size >= atOnce) await Promise.race(underWay)
      }
    },
  })
  return {
    stop: async () => {
      await looking.stop()
      await Promise.all(underWay)
    },
  }
}
