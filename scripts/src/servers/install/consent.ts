import { createInterface } from 'node:readline/promises'
import type { ProvisionOptions } from '../types.js'

/** Asks on a terminal; without one says what is done, and does it. */
export const consent = async (plan: string, { say, signal }: ProvisionOptions): Promise<boolean> => {
  if (process.stdin.isTTY && process.stdout.isTTY) return ask(plan, signal)
  say(plan)
  return true
}

const ask = async (plan: string, signal?: AbortSignal): Promise<boolean> => {
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  // A readline keeps the Ctrl-C to itself; pass it on to whoever stops the command.
  terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  try {
    const answer = await terminal.question(`${plan}\nGo on? [Y/n] `, signal ? { signal } : {})
    return /^(y|yes|)$/i.test(answer.trim())
  } finally {
    terminal.close()
  }
}
