import { Failure } from '../kit/failure.js'
import { deathSentence } from '../system/readiness.js'
import type { System } from '../system.js'

const exitsMax = 3
const withinMs = 60_000
const pauseMs = 1_000

/** Starts a service again that ended by itself; one that keeps ending makes the returned promise fail. */
export const revive = (system: System, say: (line: string) => void): Promise<never> =>
  new Promise((_, reject) => {
    const exitTimes = new Map<string, number[]>()
    system.onExit((exit) => {
      if (exit.expected) return
      const recent = (exitTimes.get(exit.service) ?? []).filter((atMs) => atMs > Date.now() - withinMs)
      exitTimes.set(exit.service, [...recent, Date.now()])
      if (recent.length + 1 >= exitsMax) return reject(new Failure(`${deathSentence(exit)}\nIt ends again and again.`))
      say(`${exit.service} ended with ${exit.how}; starting it again`)
      setTimeout(() => void system.start(exit.service).catch(reject), pauseMs)
    })
  })
