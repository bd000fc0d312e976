import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { findProgram } from '../../kit/files.js'

const packaged = '/usr/lib/rabbitmq/lib'

const packagedSbins = (): string[] => {
  if (!existsSync(packaged)) return []
  const folders = readdirSync(packaged).filter((name) => name.startsWith('rabbitmq_server-'))
  folders.sort((one, other) => other.localeCompare(one, undefined, { numeric: true }))
  return folders.map((name) => join(packaged, name, 'sbin'))
}

const besideProgram = (): string[] => {
  const program = findProgram('rabbitmq-server')
  return program ? [dirname(realpathSync(program))] : []
}

/** The folder of RabbitMQ's own scripts; the packages' /usr/sbin wrapper would insist on the system's folders. */
export const findRabbitmq = (): string | undefined =>
  [...packagedSbins(), ...besideProgram()].find(
    (sbin) => existsSync(join(sbin, 'rabbitmq-server')) && existsSync(join(sbin, 'rabbitmq-env')),
  )

/** Erlang's port mapper, which comes with Erlang itself. */
export const findEpmd = (): string | undefined => {
  const erlang = findProgram('erl')
  const beside = erlang && join(dirname(realpathSync(erlang)), 'epmd')
  return findProgram('epmd') ?? (beside && existsSync(beside) ? beside : undefined)
}
