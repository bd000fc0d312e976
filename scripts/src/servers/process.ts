import { closeSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { startChild, type Child } from '../kit/child.js'
import { Failure, reason } from '../kit/failure.js'
import { lastLines, openLog } from '../kit/files.js'
import { waitFor } from '../kit/wait.js'

export type ServerProcessOptions = {
  name: string
  directory: string
  command: string
  parameters: string[]
  environment?: NodeJS.ProcessEnv
  marker: string
  ready: () => Promise<void>
  timeoutMs: number
  signal?: AbortSignal | undefined
}

// Long enough for orphaned services to drain against servers that still stand.
const orphanSeconds = 12

/** Runs a server in its folder with its log beside its data, and answers when it is ready. */
export const startServerProcess = async (options: ServerProcessOptions): Promise<Child> => {
  const { name, directory, command, parameters, environment = process.env, marker } = options
  mkdirSync(directory, { recursive: true })
  options.signal?.throwIfAborted()
  const log = openLog(join(directory, `${name}.log`))
  const child = await startChild({
    ...{ command, parameters, environment, directory, marker, orphanSeconds },
    pidFile: join(directory, `${name}.pid`),
    stdio: ['ignore', log, log],
  }).finally(() => closeSync(log))
  await becomesReady(child, options)
  return child
}

const becomesReady = async (child: Child, options: ServerProcessOptions): Promise<void> => {
  const { name, directory, ready, timeoutMs } = options
  const stopWaiting = new AbortController()
  const signal = AbortSignal.any([stopWaiting.signal, ...(options.signal ? [options.signal] : [])])
  const ended = child.exited.then((how) => Promise.reject(new Failure(`it ended with ${how}`)))
  try {
    await Promise.race([waitFor('it was not ready', ready, { timeoutMs, signal }), ended])
  } catch (error) {
    await child.kill()
    options.signal?.throwIfAborted()
    const log = join(directory, `${name}.log`)
    throw new Failure(`${name} did not come up: ${reason(error)}\n${lastLines(log)}\n  its log: ${log}`)
  } finally {
    stopWaiting.abort()
    ended.catch(() => undefined)
  }
}
