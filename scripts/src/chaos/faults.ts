import { besides, serviceNames, type ProcessName } from '../system/names.js'
import type { PrivateSystem } from './system.js'

/** Something that goes wrong: how it begins, how long it lasts, and how it ends. */
export type Fault = {
  name: string
  lastsMs: number
  strike(system: PrivateSystem): Promise<void> | void
  heal(system: PrivateSystem): Promise<void> | void
}

type ServerName = 'mongodb' | 'rabbitmq' | 'redis'

/** A process ends by SIGKILL and is started again at once, as an orchestrator does. */
const killService = (name: ProcessName): Fault => ({
  ...{ name: `kill ${name}`, lastsMs: 0 },
  strike: ({ processes }) => processes.kill(name),
  heal: ({ processes }) => processes.start(name),
})

/** A server ends by SIGKILL and comes back with its data. */
const killServer = (name: ServerName, lastsMs = 0): Fault => ({
  ...{ name: `kill ${name}${lastsMs > 0 ? `, away for ${lastsMs / 1000} s` : ''}`, lastsMs },
  strike: ({ servers }) => servers[name].kill(),
  heal: ({ servers }) => servers[name].start(),
})

/** Every connection to a server breaks at once. */
const resetConnections = (name: ServerName): Fault => ({
  ...{ name: `reset connections to ${name}`, lastsMs: 0 },
  strike: ({ network }) => network[name].reset(),
  heal: () => undefined,
})

/** Every byte to and from a server takes longer. */
const slowDown = (name: ServerName, ms: number, lastsMs: number): Fault => ({
  ...{ name: `${ms} ms more to and from ${name}, for ${lastsMs / 1000} s`, lastsMs },
  strike: ({ network }) => network[name].delay(ms),
  heal: ({ network }) => network[name].delay(0),
})

/** Nothing reaches a server, and nobody is told. */
const stall = (name: ServerName, lastsMs: number): Fault => ({
  ...{ name: `no byte to or from ${name} for ${lastsMs / 1000} s`, lastsMs },
  strike: ({ network }) => network[name].stall(true),
  heal: ({ network }) => network[name].stall(false),
})

/** Several at once. */
const together = (name: string, ...faults: Fault[]): Fault => ({
  name,
  lastsMs: Math.max(...faults.map(({ lastsMs }) => lastsMs)),
  strike: async (system) => void (await Promise.all(faults.map(async (fault) => fault.strike(system)))),
  heal: async (system) => void (await Promise.all(faults.map(async (fault) => fault.heal(system)))),
})

const everyServer = [killServer('mongodb'), killServer('rabbitmq'), killServer('redis')]
const everyService = serviceNames.map(killService)
const everyOther = (Object.keys(besides) as ProcessName[]).map(killService)
const everyReset = [resetConnections('mongodb'), resetConnections('rabbitmq'), resetConnections('redis')]

/** Every process once, in as few strokes as tell something: recovering takes time. */
export const fewFaults: readonly Fault[] = [
  together(
    'reset everything, kill gateway, auth, the worker of syncs and what stands for provider and institution',
    ...everyReset,
    killService('gateway'),
    killService('auth-service'),
    ...everyOther,
  ),
  together('kill mongodb and loan', killServer('mongodb'), killService('loan-service')),
  together(
    'kill rabbitmq, redis, wallet, reporting and inventory',
    ...[killServer('rabbitmq'), killServer('redis'), killService('wallet-service')],
    ...[killService('reporting-service'), killService('inventory-service')],
  ),
]

/** Everything that is tried. */
export const allFaults: readonly Fault[] = [
  ...[...everyService, ...everyOther, ...everyServer, ...everyReset],
  ...[killServer('mongodb', 5_000), killServer('redis', 5_000)],
  ...[slowDown('mongodb', 50, 4_000), slowDown('rabbitmq', 200, 4_000), slowDown('redis', 300, 4_000)],
  ...[stall('mongodb', 4_000), stall('rabbitmq', 4_000), stall('redis', 4_000)],
  together('kill rabbitmq, wallet and loan', killServer('rabbitmq'), ...everyService.slice(2, 4)),
  together('kill everything', ...everyService, ...everyOther, ...everyServer),
]
