import { listen } from '@countinghouse/shared/http/listen'
import type { Bank } from './bank.js'
import type { Destination } from './mail.js'
import { createSchedule } from './schedule.js'
import { createServer } from './server.js'
import { openState, type State } from './state.js'

type SandboxOptions = Destination & {
  delayMs: number
  host: string
  port: number
  file?: string | undefined
  publicUrl?: string | undefined
}

export type Sandbox = { readonly url: string; readonly state: State; close(): Promise<void> }

/** Opens the sandbox: the payment provider's place is taken by something that moves no money. */
export const openSandbox = async ({
  host,
  port,
  file,
  publicUrl,
  ...destination
}: SandboxOptions): Promise<Sandbox> => {
  const state = openState(file)
  const url = `http://${host}:${port.toString()}`
  const { now, emit, later, run } = createSchedule(state, destination)
  const bank: Bank = { state, now, emit, later, publicUrl: () => publicUrl ?? url }
  const door = await listen(createServer(bank), { host, port, setting: 'PORT' })
  const stop = run(bank)
  return {
    ...{ url, state },
    close: async () => {
      stop()
      await door.close()
    },
  }
}
