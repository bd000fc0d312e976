import { Failure } from '../kit/failure.js'
import { waitFor } from '../kit/wait.js'
import type { ProcessName, ServicePorts } from './names.js'
import type { ServiceExit } from './service.js'

type Expectation = {
  names: ProcessName[]
  ports: ServicePorts
  timeoutMs: number
  /** A service that ended by itself while it was waited for. */
  died: () => ServiceExit | undefined
}

/** Waits until every named service answers that it is ready. */
export const allReady = async ({ names, ports, timeoutMs, died }: Expectation): Promise<void> => {
  const given = new AbortController()
  const assertAlive = () => {
    const exit = died()
    if (exit) given.abort(new Failure(deathSentence(exit)))
    given.signal.throwIfAborted()
  }
  const check = async (name: ProcessName) => {
    assertAlive()
    await checkReady(ports[name].metricsPort)
  }
  const ready = names.map((name) =>
    waitFor(`${name} was not ready`, () => check(name), { timeoutMs, signal: given.signal }).catch((error: unknown) =>
      given.abort(error),
    ),
  )
  await Promise.all(ready)
  assertAlive()
}

const checkReady = async (metricsPort: number): Promise<void> => {
  const response = await fetch(`http://127.0.0.1:${metricsPort}/readyz`, { signal: AbortSignal.timeout(2_000) })
  const text = await response.text()
  if (response.status !== 200) throw new Error(`it answers ${response.status} ${text}`)
}

/** Which service ended, how, and the last it said. */
export const deathSentence = ({ service, how, lastLines }: ServiceExit): string =>
  [`${service} ended with ${how}; the last it said:`, ...lastLines.map((line) => `    ${line.slice(0, 300)}`)].join(
    '\n',
  )
