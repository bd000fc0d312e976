import { Failure } from '../kit/failure.js'
import {
  serverNames,
  titles,
  type ProvisionOptions,
  type Provided,
  type Provisions,
  type Rung,
  type ServerName,
} from './types.js'

/** Asks each rung in turn for the servers still missing; all or nothing: on failure what was started is stopped. */
export const climb = async (rungs: Rung[], options: ProvisionOptions): Promise<Record<ServerName, Provided>> => {
  const found: Provisions = {}
  try {
    for (const rung of rungs) {
      const wanted = serverNames.filter((name) => !found[name])
      if (wanted.length > 0) Object.assign(found, await rung.provide(wanted, options))
    }
    return complete(found)
  } catch (error) {
    await stopAll(found)
    throw error
  }
}

const complete = ({ mongodb, rabbitmq, redis }: Provisions): Record<ServerName, Provided> => {
  if (mongodb && rabbitmq && redis) return { mongodb, rabbitmq, redis }
  throw new Failure(missingSentence(serverNames.filter((name) => !{ mongodb, rabbitmq, redis }[name])))
}

const settings: Record<ServerName, string[]> = {
  mongodb: ['MONGODB_URI'],
  rabbitmq: ['RABBITMQ_URL', 'RABBITMQ_ADMIN_URL'],
  redis: ['REDIS_URL'],
}
const programs: Record<ServerName, string> = { mongodb: 'mongod', rabbitmq: 'rabbitmq-server', redis: 'redis-server' }

/** The one sentence for a machine on which servers cannot be had, with the three ways to supply them. */
export const missingSentence = (missing: ServerName[]): string =>
  [
    `${missing.map((name) => titles[name]).join(', ')} cannot be had on this machine. Any one of these helps:`,
    `  1. a Docker engine that answers \`docker version\`, with the compose plugin`,
    `  2. the server itself on the PATH (${missing.map((name) => programs[name]).join(', ')}); as root on Debian or Ubuntu this command installs it`,
    `  3. the address of a running one in ${missing.flatMap((name) => settings[name]).join(', ')}`,
  ].join('\n')

export type Starts = Partial<Record<ServerName, (options: ProvisionOptions) => Promise<Provided>>>

/** Starts several at once; the first failure ends the others too, started or still starting, and is the one told. */
export const startTogether = async (starts: Starts, options: ProvisionOptions): Promise<Provisions> => {
  const failure = new AbortController()
  const signal = AbortSignal.any([failure.signal, ...(options.signal ? [options.signal] : [])])
  const found: Provisions = {}
  const begin = async (name: ServerName) => {
    const provided = await starts[name]?.({ ...options, signal })
    if (provided) found[name] = provided
  }
  await Promise.all(serverNames.map((name) => begin(name).catch((error: unknown) => failure.abort(error))))
  if (failure.signal.aborted) await stopAll(found)
  failure.signal.throwIfAborted()
  return found
}

/** Stops all of them side by side, and tells the first failure after all are done. */
export const stopAll = async (found: Provisions): Promise<void> => {
  const results = await Promise.allSettled(Object.values(found).map((server) => server.stop()))
  const failed = results.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
}
