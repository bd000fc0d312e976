import { runCommand } from '../kit/command.js'
import { reason } from '../kit/failure.js'
import { compose } from './docker/compose.js'
import type { Rung } from './types.js'

/** Whether an engine answers; a client without an engine does not. */
export const dockerAnswers = async (): Promise<boolean> => {
  const { ok } = await runCommand('docker', ['version', '--format', '{{.Server.Version}}'], { timeoutMs: 1_000 })
  return ok
}

/** Rung 2: containers. An engine that cannot give them (no images, no network) is told and passed over. */
export const docker: Rung = {
  name: 'docker',
  provide: async (wanted, options) => {
    if (!(await dockerAnswers())) return {}
    try {
      if (options.purpose === 'start') return await compose(wanted, options)
      // Loaded only where an engine answers: testcontainers is heavy.
      const { containers } = await import('./docker/containers.js')
      return await containers(wanted, options)
    } catch (error) {
      options.signal?.throwIfAborted()
      options.say(`Docker answers but gave no servers, going on without it: ${reason(error)}`)
      return {}
    }
  },
}
