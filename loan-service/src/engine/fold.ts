import { liveUntil, nextDayOf } from './accrual.js'
import { toDayNumber, type Day } from './days.js'
import { standing, type LoanEvent } from './events.js'
import { happen, useCredit } from './happenings.js'
import { owedOf, startOf, sumOf, type Running } from './running.js'
import type { LoanState } from './state.js'
import type { Terms } from './terms.js'
import { stateOf } from './view.js'

/** Sees each step of a replay: the day that began, or the event that happened. */
export type Watch = (running: Running, event: LoanEvent | undefined) => void

/** A loan at the end of a day, told by its events alone: all that stand and are dated up to that day. */
export const fold = (terms: Terms, events: readonly LoanEvent[], asOf: Day): LoanState =>
  stateOf(replay(terms, events, asOf))

export const replay = (terms: Terms, events: readonly LoanEvent[], asOf: Day, watch?: Watch): Running => {
  const running = startOf(terms)
  const last = toDayNumber(asOf)
  const dated = standing(events).filter(({ on }) => on <= asOf)
  running.day = toDayNumber(dated[0]?.on ?? asOf)
  let next = 0
  for (;;) {
    const event = dated[next]
    const happensOn = event ? toDayNumber(event.on) : last
    liveTo(running, happensOn, watch)
    if (!event) return running
    happen(running, event.id, event)
    useCredit(running)
    noteClosing(running)
    watch?.(running, event)
    next += 1
  }
}

/** Lives through the days one by one where something happens by itself, and up to the morning of `day`. */
const liveTo = (running: Running, day: number, watch: Watch | undefined): void => {
  while (running.day < day) {
    liveUntil(running, Math.min(day, nextDayOf(running)))
    useCredit(running)
    watch?.(running, undefined)
  }
}

const noteClosing = (running: Running): void => {
  const isClosed = running.disbursed > 0n && sumOf(owedOf(running)) === 0n
  running.closedOn = isClosed && !running.writtenOff ? (running.closedOn ?? running.day) : undefined
}
