import { freePorts } from '../kit/ports.js'
import { processNames, type ServicePorts } from './names.js'

/** Free ports for every service of a system that nobody else knows. */
export const freeServicePorts = async (): Promise<ServicePorts> => {
  const free = await freePorts(processNames.length * 2)
  const take = () => free.pop() ?? 0
  return Object.fromEntries(processNames.map((name) => [name, { port: take(), metricsPort: take() }])) as ServicePorts
}
