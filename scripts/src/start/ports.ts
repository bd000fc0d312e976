import { Failure } from '../kit/failure.js'
import { takenPorts } from '../kit/ports.js'
import { processNames, type ServicePorts } from '../system/names.js'

const portDefault = 3000
const metricsOffset = 100
const portMax = 65_535 - metricsOffset - processNames.length

/** PORT is the gateway's; the services follow it, and everyone's metrics a hundred above. */
export const portsFrom = (setting: string | undefined): ServicePorts => {
  const first = setting ? Number(setting) : portDefault
  if (!Number.isInteger(first) || first < 1 || first > portMax) {
    throw new Failure(`PORT is ${setting}: it must be a whole number from 1 to ${portMax}`)
  }
  const entries = processNames.map((name, index) => {
    const port = first + index
    return [name, { port, metricsPort: port + metricsOffset }] as const
  })
  return Object.fromEntries(entries) as ServicePorts
}

const usesOf = (ports: ServicePorts) =>
  processNames.flatMap((name) => [
    { port: ports[name].port, use: name },
    { port: ports[name].metricsPort, use: `${name}, metrics` },
  ])

// Where another checkout's system would run beside those that do.
const freeFirstPort = async (first = 4000): Promise<number> => {
  const taken = await takenPorts(usesOf(portsFrom(String(first))).map(({ port }) => port))
  return taken.length === 0 || first >= 20_000 ? first : freeFirstPort(first + 1000)
}

/** Fails with every port that somebody else holds, and the setting that moves them. */
export const assertPortsFree = async (ports: ServicePorts): Promise<void> => {
  const uses = usesOf(ports)
  const taken = await takenPorts(uses.map(({ port }) => port))
  if (taken.length === 0) return
  const free = await freeFirstPort()
  const lines = uses.filter(({ port }) => taken.includes(port)).map(({ port, use }) => `  ${port} (${use})`)
  throw new Failure(
    [
      'These ports are in use by another program:',
      ...lines,
      `PORT moves them all, for example: PORT=${free} npm start`,
    ].join('\n'),
  )
}
