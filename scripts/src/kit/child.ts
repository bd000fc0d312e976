import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process'
import { guard } from './guard.js'
import { forgetIdentity, recordIdentity } from './identity.js'
import { settlesWithin } from './wait.js'

export type ChildOptions = {
  command: string
  parameters: string[]
  environment: NodeJS.ProcessEnv
  directory: string
  stdio: StdioOptions
  pidFile?: string | undefined
  /** A text of the command line by which the process is known again. */
  marker: string
  /** How long the child may go on when this process was killed without a chance to stop it. */
  orphanSeconds: number
  /** Whether its own children are to hear of a stop as well. */
  stopGroup?: boolean
}
export type Child = {
  pid: number
  process: ChildProcess
  /** Resolves with a word on how it ended. */
  exited: Promise<string>
  isRunning(): boolean
  stop(graceMs: number): Promise<void>
  kill(): Promise<void>
}

/** Starts a process in a group of its own: a Ctrl-C in the terminal reaches the launcher alone, which stops in order. */
export const startChild = async (options: ChildOptions): Promise<Child> => {
  const { command, parameters, environment: env, directory: cwd, stdio } = options
  const started = spawn(command, parameters, { detached: true, env, cwd, stdio })
  const exited = new Promise<string>((resolve) => {
    started.once('exit', (code, signal) => resolve(signal ? `signal ${signal}` : `exit code ${code}`))
  })
  const pid = await new Promise<number>((resolve, reject) => {
    started.once('error', reject)
    started.once('spawn', () => resolve(started.pid ?? 0))
  })
  const stopTarget = options.stopGroup ? -pid : pid
  watchOver(pid, stopTarget, options, exited)
  return toChild(started, pid, stopTarget, exited)
}

const watchOver = (pid: number, stopTarget: number, options: ChildOptions, exited: Promise<string>): void => {
  const { marker, pidFile, orphanSeconds } = options
  const release = guard({ pid, marker }, stopTarget, orphanSeconds)
  living.add(pid)
  if (pidFile) recordIdentity(pidFile, { pid, marker })
  void exited.then(() => {
    release()
    living.delete(pid)
    // What it started itself and did not end.
    signal(-pid, 'SIGKILL')
    if (pidFile) forgetIdentity(pidFile)
  })
}

const toChild = (started: ChildProcess, pid: number, stopTarget: number, exited: Promise<string>): Child => {
  const isRunning = () => started.exitCode === null && started.signalCode === null
  const kill = async () => {
    if (isRunning()) signal(-pid, 'SIGKILL')
    await exited
  }
  const stop = async (graceMs: number) => {
    if (isRunning()) signal(stopTarget, 'SIGTERM')
    if (!(await settlesWithin(exited, graceMs))) await kill()
  }
  return { pid, process: started, exited, isRunning, stop, kill }
}

const signal = (target: number, name: NodeJS.Signals): void => {
  try {
    process.kill(target, name)
  } catch {
    // It is gone already.
  }
}

// Whatever ends this process early (a forced stop, a crash) takes its children along.
const living = new Set<number>()
process.on('exit', () => living.forEach((pid) => signal(-pid, 'SIGKILL')))
