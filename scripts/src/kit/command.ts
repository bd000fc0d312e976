import { spawn } from 'node:child_process'
import { closeSync } from 'node:fs'
import { openLog } from './files.js'

export type CommandOptions = {
  timeoutMs?: number
  environment?: NodeJS.ProcessEnv
  directory?: string
  signal?: AbortSignal | undefined
}
export type CommandResult = { ok: boolean; output: string }

/** Runs a program to its end and answers how it went; a missing program is just not ok. */
export const runCommand = (
  command: string,
  parameters: string[],
  options: CommandOptions = {},
): Promise<CommandResult> =>
  new Promise((resolve) => {
    const { timeoutMs, environment = process.env, directory, signal } = options
    const child = spawn(command, parameters, {
      ...{ env: environment, cwd: directory, signal, timeout: timeoutMs },
      ...{ killSignal: 'SIGKILL', stdio: ['ignore', 'pipe', 'pipe'] },
    })
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
    const output = () => Buffer.concat(chunks).toString('utf8').trim()
    child.once('error', (error) => resolve({ ok: false, output: output() || error.message }))
    child.once('close', (code) => resolve({ ok: code === 0, output: output() || `exit code ${code}` }))
  })

/** Runs a program that must come to its own end: no Ctrl-C reaches it, and it goes on when this process is gone. */
export const runUninterrupted = (
  command: string,
  parameters: string[],
  { environment, logPath }: { environment: NodeJS.ProcessEnv; logPath: string },
): Promise<boolean> =>
  new Promise((resolve) => {
    const log = openLog(logPath)
    const child = spawn(command, parameters, { env: environment, detached: true, stdio: ['ignore', log, log] })
    closeSync(log)
    child.once('error', () => resolve(false))
    child.once('exit', (code) => resolve(code === 0))
  })
