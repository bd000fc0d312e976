import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { startChild, type Child } from '../kit/child.js'
import { root } from '../kit/files.js'
import { besides, type ProcessName } from './names.js'

export type ServiceExit = { service: ProcessName; how: string; expected: boolean; lastLines: string[] }
export type ServiceProcess = {
  isRunning(): boolean
  stop(): Promise<void>
  kill(): Promise<void>
}
export type ServiceOptions = {
  service: ProcessName
  environment: NodeJS.ProcessEnv
  pidDirectory?: string | undefined
  onLine: (service: ProcessName, line: string) => void
  onExit: (exit: ServiceExit) => void
}

/** A service has ten seconds to drain, and then a little more to be gone. */
const stopMs = 12_000
const lastLinesMax = 25

const entryOf = (name: ProcessName): string => {
  const { service, folder } = name in besides ? besides[name as keyof typeof besides] : { service: name, folder: '' }
  return join(root, service, 'dist', folder, 'main.js')
}

/** Starts one service as a process of its own and follows what it says until it ends. */
export const startService = async (options: ServiceOptions): Promise<ServiceProcess> => {
  const { service, environment, pidDirectory } = options
  const entry = entryOf(service)
  const child = await startChild({
    ...{ command: process.execPath, parameters: ['--enable-source-maps', entry], directory: root, environment },
    ...{ marker: entry, orphanSeconds: 0, stdio: ['ignore', 'pipe', 'pipe'] },
    pidFile: pidDirectory && join(pidDirectory, `${service}.pid`),
  })
  return follow(child, options)
}

const follow = (child: Child, { service, onLine, onExit }: ServiceOptions): ServiceProcess => {
  const lastLines: string[] = []
  let expected = false
  for (const stream of [child.process.stdout, child.process.stderr]) {
    if (!stream) continue
    createInterface({ input: stream }).on('line', (line) => {
      lastLines.push(line)
      lastLines.splice(0, lastLines.length - lastLinesMax)
      onLine(service, line)
    })
  }
  const closed = new Promise<void>((resolve) => child.process.once('close', () => resolve()))
  const ended = Promise.all([child.exited, closed]).then(([how]) => onExit({ service, how, expected, lastLines }))
  const end = async (work: Promise<void>) => {
    expected = true
    await work
    await ended
  }
  return { isRunning: child.isRunning, stop: () => end(child.stop(stopMs)), kill: () => end(child.kill()) }
}
