import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readJson, writeJson } from './files.js'

/** Who runs: the process and a text that its command line contains, so that a reused number is not mistaken for it. */
export type Identity = { pid: number; marker: string }

/** The command line of a running process, or '' when there is none. */
export const commandLineOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
  } catch {
    return process.platform === 'linux' ? '' : commandLineByPs(pid)
  }
}

const commandLineByPs = (pid: number): string => {
  try {
    return execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).trim()
  } catch {
    return ''
  }
}

/** Whether the recorded process still runs. */
export const isRunning = ({ pid, marker }: Identity): boolean => {
  const commandLine = commandLineOf(pid)
  return commandLine !== '' && commandLine.includes(marker)
}

export const recordIdentity = (file: string, identity: Identity): void => writeJson(file, identity)
export const forgetIdentity = (file: string): void => rmSync(file, { force: true })
export const readIdentity = (file: string): Identity | undefined => readJson<Identity>(file)

const leftoverGraceMs = 15_000

/** Ends what a killed launcher left behind in a folder, and only where the recorded process is still that one. */
export const stopLeftovers = async (directory: string): Promise<void> => {
  const names = existsSync(directory) ? readdirSync(directory).filter((name) => name.endsWith('.pid')) : []
  await Promise.all(names.map((name) => stopLeftover(join(directory, name))))
}

const stopLeftover = async (file: string): Promise<void> => {
  const identity = readIdentity(file)
  if (identity && isRunning(identity)) await end(identity)
  forgetIdentity(file)
}

const end = async (identity: Identity): Promise<void> => {
  const signal = (name: NodeJS.Signals) => isRunning(identity) && process.kill(identity.pid, name)
  signal('SIGTERM')
  const deadline = Date.now() + leftoverGraceMs
  while (isRunning(identity) && Date.now() < deadline) await sleep(50)
  signal('SIGKILL')
  while (isRunning(identity)) await sleep(20)
}
